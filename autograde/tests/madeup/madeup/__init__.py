"""The reference of a made-up chapter, with an exercise of every kind."""
