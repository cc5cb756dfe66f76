"""A branch's day played from end to end with the real programs, as processes, on made-up cases."""
