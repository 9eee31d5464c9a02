"""What an office prints and keeps: receipts, payment slips, the closing page."""
