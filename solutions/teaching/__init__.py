"""Functions that only a chapter needs: readable answers to exercises."""
