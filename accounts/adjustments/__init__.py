"""What a charge asks, changed afterwards: waived, corrected, or a correction taken back; never by editing a bill."""
