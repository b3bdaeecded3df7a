"""Cases (办件): one engine for the procedures of the packs, with clocks, four eyes, evidence and letters (issue 4)."""
