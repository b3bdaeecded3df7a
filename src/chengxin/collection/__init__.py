"""Collection: batches, checks, receipts, release into the register, data quality."""
