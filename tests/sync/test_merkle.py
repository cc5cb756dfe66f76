"""The hash tree against the published roots of RFC 6962, another implementation, and its own promises."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion

from fieldsync.sync.merkle import (
    Frontier,
    consistency_path,
    extended,
    inclusion_path,
    is_consistent,
    leaf_hash,
    root_by_path,
    root_of,
)

_PUBLISHED = (
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    (
        "606162636465666768696a6b6c6d6e6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
)
_DATA = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


def _other(data: list[bytes]) -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for one in data:
        tree.append_entry(one)
    return tree


def test_the_published_roots_come_out() -> None:
    """Each of the eight trees of the certificate transparency test vectors has its published root."""
    frontier = Frontier()
    assert frontier.root == sha256().digest()
    for data, root in _PUBLISHED:
        frontier = extended(frontier, [leaf_hash(bytes.fromhex(data))])
        assert frontier.root.hex() == root


@given(_DATA, st.integers(0, 40))
def test_adding_in_two_parts_is_adding_at_once(data: list[bytes], cut: int) -> None:
    """Wherever a batch is cut, the same tree comes out, and its frontier is sound."""
    leaves = [leaf_hash(one) for one in data]
    first = extended(Frontier(), leaves[:cut])
    whole = extended(first, leaves[cut:])
    assert whole == extended(Frontier(), leaves)
    assert first.is_sound
    assert whole.is_sound
    assert whole.root == root_of(leaves)


@given(_DATA, st.data())
def test_another_implementation_agrees(data: list[bytes], drawn: st.DataObject) -> None:
    """Pymerkle has the same root and the same proofs, and accepts them."""
    leaves = [leaf_hash(one) for one in data]
    tree = _other(data)
    assert tree.get_root() == root_of(leaves)
    index = drawn.draw(st.integers(0, len(data) - 1))
    theirs = tree.prove_inclusion(index + 1)
    verify_inclusion(leaves[index], tree.get_root(), theirs)
    assert theirs.serialize()["path"][1:] == [step.hex() for step in inclusion_path(leaves, index)]
    earlier = drawn.draw(st.integers(1, len(data)))
    before = tree.get_root(earlier)
    verify_consistency(before, tree.get_root(), tree.prove_consistency(earlier, len(data)))
    path = consistency_path(leaves, earlier)
    assert is_consistent(earlier, before, len(data), tree.get_root(), path)


@given(_DATA, st.data())
def test_a_path_leads_to_the_root_from_its_own_leaf_alone(
    data: list[bytes], drawn: st.DataObject
) -> None:
    """Another leaf, place or step, or one step more or less, leads elsewhere or nowhere."""
    leaves = [leaf_hash(one) for one in data]
    size, root = len(leaves), root_of(leaves)
    index = drawn.draw(st.integers(0, size - 1))
    path = inclusion_path(leaves, index)
    assert root_by_path(leaves[index], index, size, path) == root
    assert root_by_path(leaf_hash(b"another leaf"), index, size, path) != root
    assert root_by_path(leaves[index], size, size, path) is None
    assert root_by_path(leaves[index], index, size, [*path, root]) is None
    if path:
        assert root_by_path(leaves[index], index, size, path[:-1]) is None
        assert root_by_path(leaves[index], index, size, [root, *path[1:]]) != root


@given(_DATA, st.data())
def test_a_rewritten_past_is_consistent_with_nothing(
    data: list[bytes], drawn: st.DataObject
) -> None:
    """The proof holds for the two trees it was made of, and for no other root, size or step."""
    leaves = [leaf_hash(one) for one in data]
    size, root = len(leaves), root_of(leaves)
    earlier = drawn.draw(st.integers(1, size))
    before = root_of(leaves[:earlier])
    path = consistency_path(leaves, earlier)
    assert is_consistent(earlier, before, size, root, path)
    other = leaf_hash(b"another root")
    assert not is_consistent(earlier, other, size, root, path)
    assert not is_consistent(earlier, before, size, other, path)
    assert not is_consistent(earlier, before, size, root, [*path, other])
    assert not is_consistent(0, before, size, root, path)
    assert not is_consistent(size + 1, before, size, root, path)
    if path:
        assert not is_consistent(earlier, before, size, root, path[:-1])
        assert not is_consistent(earlier, before, size, root, [])
