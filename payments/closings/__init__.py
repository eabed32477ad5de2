"""The close of a business day: the ledger is the drawers, the processor and the bank, or it says where not."""
