"""The city as effective-dated data with its authority: drafted in a folder, released by two people."""
