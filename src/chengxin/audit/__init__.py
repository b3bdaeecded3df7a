"""What happened: one append-only trail of events, written in the transaction of the act itself."""
