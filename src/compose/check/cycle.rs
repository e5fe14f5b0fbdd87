//! Finds services that wait for each other in a circle, and names the whole circle.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// From a service to what it depends on.
pub(super) type Edges<'a> = BTreeMap<&'a str, Vec<&'a str>>;

/// The most circles that are told: the search for each starts anew.
const MAX_CYCLES: usize = 50;

/// The circles, as the names on the way from the first service back to itself: `[a, b, a]`.
///
/// No service is in two of them: mending one and looking again finds the next.
pub(super) fn cycles<'a>(edges: &Edges<'a>) -> Vec<Vec<&'a str>> {
    let edges = &within_circles(edges);
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for name in edges.keys() {
        if found.len() == MAX_CYCLES {
            break;
        }
        if !seen.contains(name)
            && let Some(way) = way_back(edges, name)
        {
            seen.extend(way.iter().copied());
            found.push(way);
        }
    }
    found
}

/// The edges that are part of some circle. Few projects have any, so that the search for the
/// shortest, which starts anew for each service, has nothing to do.
fn within_circles<'a>(edges: &Edges<'a>) -> Edges<'a> {
    let mut graph = DiGraph::<&str, ()>::with_capacity(edges.len(), edges.len());
    let nodes: BTreeMap<&str, NodeIndex> =
        edges.keys().map(|name| (*name, graph.add_node(*name))).collect();
    for (name, targets) in edges {
        graph.extend_with_edges(
            targets.iter().filter_map(|to| Some((nodes[name], *nodes.get(to)?))),
        );
    }
    let mut component_of = BTreeMap::new();
    for (number, component) in kosaraju_scc(&graph).into_iter().enumerate() {
        component_of.extend(component.into_iter().map(|node| (graph[node], number)));
    }
    let inside = |name: &str, target: &str| component_of.get(name) == component_of.get(target);
    edges
        .iter()
        .map(|(name, targets)| {
            (*name, targets.iter().copied().filter(|target| inside(name, target)).collect())
        })
        .filter(|(_, targets): &(_, Vec<_>)| !targets.is_empty())
        .collect()
}

/// The shortest way from `start` over at least one edge to itself.
fn way_back<'a>(edges: &Edges<'a>, start: &'a str) -> Option<Vec<&'a str>> {
    let mut came_from = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(name) = queue.pop_front() {
        for target in edges.get(name).into_iter().flatten() {
            if *target == start {
                let mut way = vec![start];
                let mut step = name;
                while step != start {
                    way.push(step);
                    step = came_from[step];
                }
                way.push(start);
                way.reverse();
                return Some(way);
            }
            if !came_from.contains_key(target) {
                came_from.insert(*target, name);
                queue.push_back(target);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycles_of(edges: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut map = Edges::new();
        for (from, to) in edges {
            map.entry(*from).or_default().push(*to);
        }
        cycles(&map).iter().map(|cycle| cycle.join(" -> ")).collect()
    }

    #[test]
    fn circles_are_named_whole() {
        let none: [&str; 0] = [];
        assert_eq!(cycles_of(&[("a", "b"), ("b", "c"), ("a", "c")]), none);
        assert_eq!(cycles_of(&[("a", "a")]), ["a -> a"]);
        assert_eq!(cycles_of(&[("b", "a"), ("a", "b"), ("x", "a")]), ["a -> b -> a"]);
        assert_eq!(
            cycles_of(&[("c", "a"), ("a", "b"), ("b", "c"), ("p", "q"), ("q", "p"), ("b", "p")]),
            ["a -> b -> c -> a", "p -> q -> p"]
        );
    }

    #[test]
    fn a_long_chain_and_a_long_circle_need_no_stack() {
        let names: Vec<String> = (0..100_000).map(|number| format!("s{number:06}")).collect();
        let mut edges: Edges<'_> =
            names.windows(2).map(|pair| (pair[0].as_str(), vec![pair[1].as_str()])).collect();
        assert_eq!(cycles(&edges).len(), 0);
        edges.insert(&names[99_999], vec![&names[0]]);
        assert_eq!(cycles(&edges)[0].len(), 100_001);
    }
}
