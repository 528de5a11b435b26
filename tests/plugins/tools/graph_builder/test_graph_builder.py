#!/usr/bin/env python3
"""graph-builder through the real program; the oracles are slow and simple searches of our own."""

import itertools
import json
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402

PROGRAM = sys.argv[1]
TOOL = "graph-builder"


def build(tap, library):
    got = library.call(TOOL)
    empty = {"type": "directed", "nodes": [], "edges": []}
    tap.equal("an empty graph is what is made by itself", got, {
        "operation": "create_graph", "graph_type": "directed", "node_count": 0, "edge_count": 0, "graph": empty})
    graph = library.call(TOOL, graph_type="undirected")["graph"]
    graph = library.call(TOOL, operation="add_node", graph=graph, node_id="a", properties={"colour": "red"})["graph"]
    got = library.call(TOOL, operation="add_edge", graph=graph, **{"from": "a", "to": "b"}, weight=2.5,
                       properties={"kind": "road"})
    tap.equal("built step by step", got["graph"], {
        "type": "undirected", "nodes": [{"id": "a", "properties": {"colour": "red"}}, {"id": "b"}],
        "edges": [{"from": "a", "to": "b", "weight": 2.5, "properties": {"kind": "road"}}]})
    got = library.call(TOOL, operation="add_node", graph=got["graph"], node_id="a", properties={})
    tap.equal("properties are replaced", got["graph"]["nodes"][0], {"id": "a", "properties": {}})
    short = {"nodes": ["x", 7], "edges": [["x", "y"], ["y", 7, 3]]}
    tap.equal("short form in, full form out", library.call(TOOL, graph=short)["graph"], {
        "type": "directed", "nodes": [{"id": "x"}, {"id": "7"}, {"id": "y"}],
        "edges": [{"from": "x", "to": "y"}, {"from": "y", "to": "7", "weight": 3}]})


def analyze(tap, library):
    graph = {"nodes": ["d"], "edges": [["a", "b"], ["b", "c"], ["a", "c"], ["c", "c"]]}
    tap.equal("analyze", library.call(TOOL, operation="analyze", graph=graph), {
        "operation": "analyze", "graph_type": "directed", "node_count": 4, "edge_count": 4, "density": 0.25,
        "degree": {"max": 4, "min": 0, "average": 2, "max_in": 3, "max_out": 2}, "is_empty": False,
        "is_complete": False, "is_connected": False, "component_count": 2, "has_self_loops": True,
        "node_ids": ["d", "a", "b", "c"], "total": 4})
    complete = {"type": "undirected", "edges": [list(pair) for pair in itertools.combinations("abcd", 2)]}
    got = library.call(TOOL, operation="analyze", graph=complete)
    tap.equal("complete", (got["is_complete"], got["density"], got["degree"]),
              (True, 1, {"max": 3, "min": 3, "average": 3}))
    got = library.call(TOOL, operation="analyze", graph={})
    tap.equal("empty", (got["is_empty"], got["is_complete"], got["density"], got["node_ids"]), (True, False, 0, []))
    got = library.call(TOOL, operation="analyze", graph={"nodes": [str(i) for i in range(250)]}, offset=100, limit=100)
    tap.equal("a page of names", (got["node_ids"][0], len(got["node_ids"]), got["next_offset"], got["total"]),
              ("100", 100, 200, 250))


def questions(tap, library):
    graph = {"edges": [["a", "b", 1], ["b", "c", 1], ["a", "c", 5], ["c", "d", 1], ["x", "y"], ["y", "x"], ["z", "z"]]}
    got = library.call(TOOL, operation="shortest_path", graph=graph, **{"from": "a", "to": "d"})
    tap.equal("the shortest way", (got["found"], got["path"], got["length"]), (True, ["a", "b", "c", "d"], 3))
    got = library.call(TOOL, operation="shortest_path", graph=graph, **{"from": "d", "to": "a"})
    tap.equal("no way", (got["found"], got["path"], "length" in got), (False, [], False))
    got = library.call(TOOL, operation="shortest_path", graph=graph, **{"from": "a", "to": "a"})
    tap.equal("to itself", (got["path"], got["length"]), (["a"], 0))
    got = library.call(TOOL, operation="components", graph=graph)
    tap.equal("components", (got["components"], got["strong_component_count"], got["total"]),
              ([["a", "b", "c", "d"], ["x", "y"], ["z"]], 6, 3))
    got = library.call(TOOL, operation="components", graph=graph, offset=1, limit=1)
    tap.equal("a page of them", (got["components"], got["next_offset"]), ([["x", "y"]], 2))
    got = library.call(TOOL, operation="cycles", graph=graph)
    tap.equal("cycles", (got["has_cycles"], got["cycles"], got["total"]), (True, [["x", "y"], ["z"]], 2))
    steps = {"nodes": ["eat"], "edges": [["shop", "cook"], ["cook", "eat"], ["lay", "eat"]]}
    got = library.call(TOOL, operation="topological_order", graph=steps)
    tap.equal("an order", got["order"], ["shop", "cook", "lay", "eat"])
    tap.equal("no order", library.fails(TOOL, operation="topological_order", graph=graph),
              "the graph has a cycle, so there is no order; operation cycles shows it")


def exchange(tap, library):
    graph = {"type": "undirected", "nodes": [{"id": "a", "properties": {"n": 1, "id": "no"}}],
             "edges": [{"from": "a", "to": "b", "weight": 2, "properties": {"kind": "road"}}]}
    output = library.call(TOOL, operation="export_json", graph=graph)["output"]
    tap.equal("node-link", json.loads(output), {
        "directed": False, "multigraph": False, "graph": {}, "nodes": [{"id": "a", "n": 1}, {"id": "b"}],
        "links": [{"source": "a", "target": "b", "weight": 2, "kind": "road"}]})
    got = library.call(TOOL, operation="import_json", input=output)
    tap.equal("comes back", (got["graph_type"], got["graph"]["nodes"][0]["properties"]["n"],
                             got["graph"]["edges"][0]["weight"], got["edge_count"]), ("undirected", 1, 2, 1))
    tap.equal("there and back", library.call(TOOL, operation="export_json", graph=got["graph"])["output"], output)
    got = library.call(TOOL, operation="import_json", input='{"a": ["b", "c"], "b": ["a"], "c": []}', graph_type="undirected")
    tap.equal("lists of neighbours", (got["node_count"], got["edge_count"]), (3, 2))
    got = library.call(TOOL, operation="import_json", input='{"nodes": ["b", "nodes"], "b": []}')
    tap.equal("our own form", (got["node_count"], got["edge_count"]), (2, 0))


def neighbours(graph):
    found = {node: {} for node in graph["nodes"]}
    for a, b, weight in graph["edges"]:
        found[a][b] = weight
        if graph["type"] == "undirected":
            found[b][a] = weight
    return found


def distances(graph):
    """By Floyd and Warshall."""
    far = {(a, b): 0 if a == b else float("inf") for a in graph["nodes"] for b in graph["nodes"]}
    for a, found in neighbours(graph).items():
        for b, weight in found.items():
            far[a, b] = min(far[a, b], weight)
    for k, i, j in itertools.product(graph["nodes"], repeat=3):
        far[i, j] = min(far[i, j], far[i, k] + far[k, j])
    return far


def is_cycle(graph, cycle):
    near = neighbours(graph)
    short = 3 if graph["type"] == "undirected" else 1
    return len(set(cycle)) == len(cycle) and (len(cycle) >= short or len(cycle) == 1) and all(
        b in near[a] for a, b in zip(cycle, cycle[1:] + cycle[:1]))


def oracle(tap, library):
    draw = random.Random(5)
    for number in range(40):
        kind = draw.choice(["directed", "undirected"])
        nodes = [f"n{i}" for i in range(draw.randint(2, 12))]
        pairs = list(itertools.product(nodes, repeat=2)) if kind == "directed" else \
            list(itertools.combinations_with_replacement(nodes, 2))
        edges = [[a, b, draw.randint(1, 9)] for a, b in draw.sample(pairs, draw.randint(0, min(len(pairs), 16)))]
        graph = {"type": kind, "nodes": nodes, "edges": edges}
        far = distances(graph)
        near = neighbours(graph)
        wrong = []
        for a, b in draw.sample(list(itertools.product(nodes, repeat=2)), 4):
            got = library.call(TOOL, operation="shortest_path", graph=graph, **{"from": a, "to": b})
            way = got["path"]
            if got["found"] != (far[a, b] < float("inf")) or (got["found"] and (
                    got["length"] != far[a, b] or way[0] != a or way[-1] != b or
                    sum(near[x][y] for x, y in zip(way, way[1:])) != far[a, b])):
                wrong.append((a, b, got))
        tap.check(f"graph {number}: ways", not wrong, f"{graph} {wrong}")
        cyclic = any(a == b or (kind == "directed" and far[b, a] < float("inf")) for a, b, _ in edges)
        parts = library.call(TOOL, operation="components", graph=graph, limit=1000)["components"]
        if kind == "undirected":
            cyclic = len(edges) > len(nodes) - len(parts)
        joined = distances({**graph, "type": "undirected"})
        tap.check(f"graph {number}: components", sorted(sum(parts, [])) == sorted(nodes) and all(
            (joined[a, b] < float("inf")) == any(a in part and b in part for part in parts)
            for a, b in itertools.product(nodes, repeat=2)), f"{graph} {parts}")
        got = library.call(TOOL, operation="cycles", graph=graph)
        tap.check(f"graph {number}: cycles", got["has_cycles"] == cyclic and
                  all(is_cycle(graph, cycle) for cycle in got["cycles"]), f"{graph} {got}")
        if kind == "directed" and not cyclic:
            order = library.call(TOOL, operation="topological_order", graph=graph)["order"]
            tap.check(f"graph {number}: order", sorted(order) == sorted(nodes) and
                      all(order.index(a) < order.index(b) for a, b, _ in edges), f"{graph} {order}")


def large(tap, library):
    chain = {"edges": [[i, i + 1] for i in range(99999)]}
    got = library.call(TOOL, operation="shortest_path", graph=chain, **{"from": "0", "to": "99"})
    tap.equal("a long chain", got["length"], 99)
    got = library.call(TOOL, operation="components", graph=chain, limit=1, offset=1)
    tap.equal("its components", (got["total"], got["strong_component_count"]), (1, 100000))
    got = library.call(TOOL, operation="cycles", graph={"edges": chain["edges"] + [[99999, 0]]})
    tap.equal("a long cycle", (len(got["cycles"]), len(got["cycles"][0])), (1, 100000))
    twos = {"edges": [edge for i in range(0, 90000, 2) for edge in ([i, i + 1], [i + 1, i])]}
    got = library.call(TOOL, operation="cycles", graph=twos, limit=10)
    tap.equal("many cycles", (got["total"], got["next_offset"], got["cycles"][0]), (45000, 10, ["0", "1"]))
    got = library.call(TOOL, graph={"edges": chain["edges"][:9999]})
    kept = library.raw("resources/read", {"uri": got["uri"]})["contents"][0]["text"]
    tap.equal("a large graph is kept", (got["truncated"], len(json.loads(kept)["edges"])), (True, 9999))
    text = library.fails(TOOL, operation="analyze", graph={"edges": [[i % 999, i // 999] for i in range(1000001)]})
    tap.equal("too many edges", text, "the graph would have more than 1000000 edges; work on a part of it")
    text = library.fails(TOOL, graph={"nodes": list(range(100001))})
    tap.equal("too many nodes", text, "the graph would have more than 100000 nodes; work on a part of it")


def wrong(tap, library):
    fails = [
        ({"operation": "analyze"}, "graph is missing; give the graph that the call before gave, or {\"nodes\": [\"a\"], "
                                   "\"edges\": [[\"a\", \"b\"]]}"),
        ({"operation": "add_node", "graph": {}}, "node_id is missing; operation add_node needs it"),
        ({"operation": "add_node", "graph": {"nodes": ["a"]}, "node_id": "a"},
         "there is already a node \"a\"; give properties to replace its own"),
        ({"operation": "add_edge", "graph": {"edges": [["a", "b"]]}, "from": "a", "to": "b"},
         "there is already an edge from \"a\" to \"b\"; a graph here has one edge between two nodes"),
        ({"operation": "add_edge", "graph": {"type": "undirected", "edges": [["a", "b"]]}, "from": "b", "to": "a"},
         "there is already an edge from \"b\" to \"a\"; a graph here has one edge between two nodes"),
        ({"operation": "shortest_path", "graph": {"nodes": ["a"]}, "from": "a", "to": "b"},
         "there is no node \"b\" in the graph; operation analyze lists them"),
        ({"operation": "shortest_path", "graph": {"edges": [["a", "b", -1]]}, "from": "a", "to": "b"},
         "the edge from \"a\" to \"b\" has a negative weight; shortest_path takes weights from 0 on"),
        ({"operation": "topological_order", "graph": {"type": "undirected"}},
         "an undirected graph has no topological order; give a directed one"),
        ({"operation": "import_json", "input": "{"},
         "the input is no JSON that can be read (the value: expected a key in quotes at byte 1); correct it"),
        ({"operation": "import_json", "input": '{"a": 1}'},
         "the input is no graph that is known here; give {\"nodes\", \"edges\"}, node-link ({\"nodes\", \"links\"}) or "
         "lists of neighbours ({\"a\": [\"b\"]})"),
        ({"operation": "import_json", "input": '{"nodes": [{}], "links": []}'},
         "a node or link of the input has no name (id, source, target) that is a text of at most 500 bytes; correct it"),
        ({"operation": "create_graph", "weight": 1}, "weight is not for operation create_graph; leave it out"),
        ({"graph": {"edges": [["a", [1]]]}},
         "the name of a node is not a text of at most 500 bytes: [1]; correct it"),
    ]
    tap.equal("defaults that a form sends along", library.call(
        TOOL, operation="create_graph", properties={}, input="", offset=0, limit=100)["node_count"], 0)
    for arguments, text in fails:
        tap.equal(f"wrong: {json.dumps(arguments)[:60]}", library.fails(TOOL, **arguments), text)
    text = library.fails(TOOL, graph={"edges": [["a"]]})
    tap.check("half an edge", "structuredContent" not in text, text)


def refused(tap):
    """Nothing but the keeping of large graphs needs a grant."""
    with Library(PROGRAM, {"grants": {"operations": []}}) as library:
        text = library.fails(TOOL, graph={"edges": [[i, i + 1] for i in range(5000)]})
        tap.check("a large graph cannot be kept", text.startswith("the result is too large for an answer and cannot be "
                                                                  "kept as an artifact: "), text)
        tap.equal("a small one works", library.call(TOOL, graph={"nodes": ["a"]})["node_count"], 1)


def main():
    with Tap() as tap:
        with Library(PROGRAM) as library:
            for test in (build, analyze, questions, exchange, oracle, large, wrong):
                test(tap, library)
        refused(tap)


main()
