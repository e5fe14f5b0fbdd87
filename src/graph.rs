//! Who depends on whom: an order to start services in, everything that one needs or that needs it,
//! and the circles that have neither. Knows names only.

use std::collections::HashSet;

use indexmap::IndexMap;
use petgraph::Direction;
use petgraph::algo::{kosaraju_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, Reversed};

use crate::compose::model::Service;

/// The `depends_on` relation of a set of services. Edges point from a service to what it needs.
#[derive(Debug, Clone)]
pub struct Dependencies {
    graph: DiGraph<String, ()>,
    nodes: IndexMap<String, NodeIndex>,
}

impl Dependencies {
    /// The relation as the services' normalised `depends_on` has it. Names outside the set are
    /// left out.
    pub fn of(services: &IndexMap<String, Service>) -> Self {
        Self::from_edges(
            services.keys().cloned(),
            services.iter().flat_map(|(name, service)| {
                service.depends_on.keys().map(|needed| (name.clone(), needed.clone()))
            }),
        )
    }

    /// A relation given by its pairs of a name and one that it needs.
    pub fn from_edges(
        names: impl IntoIterator<Item = String>,
        edges: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let mut names: Vec<String> = names.into_iter().collect();
        // Sorted, so that every order below is the same in every run.
        names.sort();
        let mut graph = DiGraph::new();
        let nodes: IndexMap<String, NodeIndex> =
            names.into_iter().map(|name| (name.clone(), graph.add_node(name))).collect();
        for (name, needed) in edges {
            if let (Some(from), Some(to)) = (nodes.get(&name), nodes.get(&needed)) {
                graph.update_edge(*from, *to, ());
            }
        }
        Self { graph, nodes }
    }

    /// All names, each behind everything it needs; among equals by name. Names on a circle come
    /// last, by name.
    pub fn order(&self) -> Vec<&str> {
        self.levels().into_iter().flatten().collect()
    }

    /// [`Self::order`] in groups that do not need each other: a group needs only earlier ones.
    pub fn levels(&self) -> Vec<Vec<&str>> {
        let mut level: IndexMap<NodeIndex, usize> = IndexMap::new();
        let acyclic = match toposort(&self.graph, None) {
            Ok(order) => order,
            Err(_) => kosaraju_scc(&self.graph)
                .into_iter()
                .rev()
                .filter(|component| !self.is_circle(component))
                .flatten()
                .collect(),
        };
        for node in acyclic.iter().rev() {
            let needed = self.graph.neighbors(*node).filter_map(|it| level.get(&it)).max();
            level.insert(*node, needed.map_or(0, |deepest| deepest + 1));
        }
        let last = level.values().max().map_or(0, |deepest| deepest + 1);
        let mut levels: Vec<Vec<&str>> = Vec::new();
        for (name, node) in &self.nodes {
            let at = level.get(node).copied().unwrap_or(last);
            if levels.len() <= at {
                levels.resize_with(at + 1, Vec::new);
            }
            levels[at].push(name);
        }
        levels.retain(|names| !names.is_empty());
        levels
    }

    /// What `name` needs, directly, by name.
    pub fn dependencies_of(&self, name: &str) -> Vec<&str> {
        self.neighbours(name, Direction::Outgoing)
    }

    /// What needs `name`, directly, by name.
    pub fn dependents_of(&self, name: &str) -> Vec<&str> {
        self.neighbours(name, Direction::Incoming)
    }

    /// `names` and everything they need, however indirectly, in [`Self::order`].
    pub fn closure<'name>(&self, names: impl IntoIterator<Item = &'name str>) -> Vec<&str> {
        let mut found = vec![false; self.graph.node_count()];
        for node in names.into_iter().filter_map(|name| self.nodes.get(name)) {
            let mut search = Dfs::new(&self.graph, *node);
            while let Some(node) = search.next(&self.graph) {
                found[node.index()] = true;
            }
        }
        self.in_order(&found)
    }

    /// `names` and everything that needs them, however indirectly, in [`Self::order`].
    pub fn dependents_closure<'name>(
        &self,
        names: impl IntoIterator<Item = &'name str>,
    ) -> Vec<&str> {
        let mut found = vec![false; self.graph.node_count()];
        for node in names.into_iter().filter_map(|name| self.nodes.get(name)) {
            let reversed = Reversed(&self.graph);
            let mut search = Dfs::new(reversed, *node);
            while let Some(node) = search.next(reversed) {
                found[node.index()] = true;
            }
        }
        self.in_order(&found)
    }

    /// The circles: each as the names along it, beginning with the first by name, every one needing
    /// the next and the last needing the first.
    pub fn cycles(&self) -> Vec<Vec<String>> {
        let mut cycles: Vec<Vec<String>> = kosaraju_scc(&self.graph)
            .into_iter()
            .filter(|component| self.is_circle(component))
            .map(|component| self.walk_circle(&component))
            .collect();
        cycles.sort();
        cycles
    }

    fn is_circle(&self, component: &[NodeIndex]) -> bool {
        match component {
            [one] => self.graph.contains_edge(*one, *one),
            _ => true,
        }
    }

    /// One circle through the first name of a strongly connected component: the shortest.
    fn walk_circle(&self, component: &[NodeIndex]) -> Vec<String> {
        let Some(start) = component.iter().copied().min() else { return Vec::new() };
        let component: HashSet<NodeIndex> = component.iter().copied().collect();
        let mut came_from: IndexMap<NodeIndex, NodeIndex> = IndexMap::new();
        let mut queue = std::collections::VecDeque::from([start]);
        'search: while let Some(node) = queue.pop_front() {
            let mut next: Vec<NodeIndex> =
                self.graph.neighbors(node).filter(|it| component.contains(it)).collect();
            next.sort();
            for neighbour in next {
                if neighbour == start {
                    came_from.insert(start, node);
                    break 'search;
                }
                if !came_from.contains_key(&neighbour) {
                    came_from.insert(neighbour, node);
                    queue.push_back(neighbour);
                }
            }
        }
        let mut path = vec![start];
        let mut at = start;
        while let Some(previous) = came_from.get(&at).copied().filter(|it| *it != start) {
            path.push(previous);
            at = previous;
        }
        path[1..].reverse();
        path.into_iter().map(|node| self.graph[node].clone()).collect()
    }

    fn neighbours(&self, name: &str, direction: Direction) -> Vec<&str> {
        let Some(node) = self.nodes.get(name) else { return Vec::new() };
        let mut names: Vec<&str> = self
            .graph
            .neighbors_directed(*node, direction)
            .map(|it| self.graph[it].as_str())
            .collect();
        names.sort_unstable();
        names
    }

    fn in_order(&self, found: &[bool]) -> Vec<&str> {
        self.order().into_iter().filter(|name| found[self.nodes[*name].index()]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relation(edges: &[(&str, &str)]) -> Dependencies {
        let names = edges.iter().flat_map(|(name, needed)| [name, needed]);
        Dependencies::from_edges(
            names.map(|name| (*name).to_owned()).collect::<std::collections::BTreeSet<_>>(),
            edges.iter().map(|(name, needed)| ((*name).to_owned(), (*needed).to_owned())),
        )
    }

    #[test]
    fn what_is_needed_comes_first() {
        let graph = relation(&[("web", "db"), ("web", "cache"), ("cron", "web"), ("db", "disk")]);
        assert_eq!(graph.order(), ["cache", "disk", "db", "web", "cron"]);
        assert_eq!(graph.levels(), [vec!["cache", "disk"], vec!["db"], vec!["web"], vec!["cron"]]);
    }

    #[test]
    fn closures_go_both_ways() {
        let graph = relation(&[("web", "db"), ("cron", "web"), ("other", "cache")]);
        assert_eq!(graph.closure(["web"]), ["db", "web"]);
        assert_eq!(graph.dependents_closure(["db"]), ["db", "web", "cron"]);
        assert_eq!(graph.closure(["nobody"]), Vec::<&str>::new());
        assert_eq!(graph.dependencies_of("web"), ["db"]);
        assert_eq!(graph.dependents_of("web"), ["cron"]);
    }

    #[test]
    fn circles_are_named_whole() {
        let graph = relation(&[("a", "b"), ("b", "c"), ("c", "a"), ("x", "a"), ("self", "self")]);
        assert_eq!(graph.cycles(), [vec!["a", "b", "c"], vec!["self"]]);
        assert_eq!(graph.order().len(), 5, "names on a circle are not lost");
        assert_eq!(relation(&[("a", "b")]).cycles(), Vec::<Vec<String>>::new());
    }
}
