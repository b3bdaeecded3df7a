"""The subject's own space (我的信用): everything the platform holds and does about it, and what it can do in turn (F-26)."""
