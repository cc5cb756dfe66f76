"""The hash tree of RFC 6962: its root as leaves are added, and proofs that need nothing but the root.

A frontier holds the roots of the complete subtrees a tree is made of, the largest first, so that a
leaf is added in the time of its height. The numbers of sections are those of RFC 6962 and RFC 9162.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree as far as adding to it needs: how many leaves, and its subtrees' roots."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether there is one root for each complete subtree of a tree of this size."""
        return len(self.peaks) == self.size.bit_count()

    @property
    def root(self) -> bytes:
        """The Merkle tree hash (RFC 6962, 2.1)."""
        if not self.peaks:
            return sha256().digest()
        *left, root = self.peaks
        for peak in reversed(left):
            root = node_hash(peak, root)
        return root


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf's data; the byte before it keeps a leaf from passing for a node."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def extended(frontier: Frontier, leaves: Iterable[bytes]) -> Frontier:
    """The frontier after these leaf hashes were added."""
    size, peaks = frontier.size, list(frontier.peaks)
    for leaf in leaves:
        root, trees = leaf, size
        while trees & 1:
            root, trees = node_hash(peaks.pop(), root), trees >> 1
        peaks.append(root)
        size += 1
    return Frontier(size, tuple(peaks))


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    return extended(Frontier(), leaves).root


def inclusion_path(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The audit path of the leaf at `index`, counted from 0, in the tree over `leaves` (2.1.1)."""
    path: list[bytes] = []
    first, size = 0, len(leaves)
    while size > 1:
        half = _largest_power_below(size)
        if index - first < half:
            path.append(root_of(leaves[first + half : first + size]))
            size = half
        else:
            path.append(root_of(leaves[first : first + half]))
            first, size = first + half, size - half
    return tuple(reversed(path))


def consistency_path(leaves: Sequence[bytes], earlier: int) -> tuple[bytes, ...]:
    """The proof that the tree over the first `earlier` leaves (at least one) became this one (2.1.2)."""
    path: list[bytes] = []
    first, size, whole = 0, len(leaves), True
    while earlier - first < size:
        half = _largest_power_below(size)
        if earlier - first <= half:
            path.append(root_of(leaves[first + half : first + size]))
            size = half
        else:
            path.append(root_of(leaves[first : first + half]))
            first, size, whole = first + half, size - half, False
    if not whole:
        path.append(root_of(leaves[first : first + size]))
    return tuple(reversed(path))


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which an audit path leads; None where its length is wrong (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return None
    place, last, root = index, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            root = node_hash(step, root)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, step)
        place, last = place >> 1, last >> 1
    return root if last == 0 else None


def is_consistent(
    earlier: int, earlier_root: bytes, size: int, root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether the tree of `size` and `root` begins with the earlier one (RFC 9162, 2.1.4.2)."""
    if not 0 < earlier <= size:
        return False
    if earlier == size:
        return not path and earlier_root == root
    steps = list(path) if earlier & (earlier - 1) else [earlier_root, *path]
    roots = _both_roots(earlier, size, steps)
    return roots == (earlier_root, root)


def _both_roots(earlier: int, size: int, steps: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The earlier and the later root that the steps lead to; None where their number is wrong."""
    if not steps:
        return None
    place, last = earlier - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, step)
        place, last = place >> 1, last >> 1
    return (old, new) if last == 0 else None


def _largest_power_below(size: int) -> int:
    """The largest power of two smaller than `size`, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1
