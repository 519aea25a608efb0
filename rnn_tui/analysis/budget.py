"""How much of an analysis is computed, so that large models take about as long as small ones."""


def affordable_count(budget: int, cost: int, least: int, most: int) -> int:
    """Return how many parts that each take `cost` fit in `budget`, from `least` to `most`.

    Both are in the same unit, such as multiplications of states by weights.
    """
    return max(least, min(most, budget // cost))
