"""Components of a graph: what hangs together, found on the driver."""

from collections.abc import Iterable


def components(edges: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return for each node of an edge the least node that it hangs together with; some 300 bytes of memory a node."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        top = node
        while (above := parent.setdefault(top, top)) != top:
            top = above
        while node != top:
            parent[node], node = top, parent[node]
        return top

    for left, right in edges:
        low, high = sorted((root(left), root(right)))
        parent[high] = low
    return {node: root(node) for node in list(parent)}
