"""What is owed, by fund and revenue line, and which money met which charge."""
