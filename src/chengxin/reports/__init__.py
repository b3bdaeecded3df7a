"""Reports (信用报告): issued from the register by template packs, sealed, and verifiable by everybody (R-112 to R-122)."""
