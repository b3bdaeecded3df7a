"""Measures (奖惩措施): what lists and grades mean for matters, and what implementing bodies did about it."""
