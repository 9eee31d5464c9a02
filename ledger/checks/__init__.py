"""What must always hold, one file for each subject; ``ledger.verify`` lists them."""
