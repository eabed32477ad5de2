"""Many accounts put into one list at once: each line as the look-up has it, no guess more than one by one."""
