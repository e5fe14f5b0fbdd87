//! Numbers that may be written in two places of a service and then must agree.

use super::{Checker, invalid};
use crate::compose::model::{ByteSize, Float, Service};
use crate::diagnostic::codes;

pub(super) fn check(checker: &mut Checker<'_>, service: &Service) {
    replicas(checker, service);
    let Some(deploy) = &service.deploy else { return };
    let mut distinct = |own: &str, deployed: &str, differ: bool| {
        let broken = |path| checker.broken(&format!("services.{}.{path}", service.name));
        if differ && !broken(own) && !broken(deployed) {
            report_distinct(checker, service, own, deployed);
        }
    };
    if let Some(limits) = &deploy.resources.limits {
        let (cpus, memory, pids) = (service.cpus, service.mem_limit, service.pids_limit);
        distinct(
            "cpus",
            "deploy.resources.limits.cpus",
            cpus != Float::default() && limits.cpus != cpus,
        );
        distinct(
            "mem_limit",
            "deploy.resources.limits.memory",
            memory != ByteSize::default() && limits.memory != memory,
        );
        distinct("pids_limit", "deploy.resources.limits.pids", pids != 0 && limits.pids != pids);
    }
    if let Some(reservations) = &deploy.resources.reservations {
        let memory = service.mem_reservation;
        distinct(
            "mem_reservation",
            "deploy.resources.reservations.memory",
            memory != ByteSize::default() && reservations.memory != memory,
        );
    }
}

fn replicas(checker: &mut Checker<'_>, service: &Service) {
    let name = &service.name;
    let deployed = service.deploy.as_ref().and_then(|deploy| deploy.replicas);
    if let (Some(scale), Some(replicas)) = (service.scale, deployed)
        && scale != replicas
    {
        report_distinct(checker, service, "scale", "deploy.replicas");
    }
    for (attribute, number) in [("scale", service.scale), ("deploy.replicas", deployed)] {
        if number.is_some_and(|number| number < 0) {
            let path = format!("services.{name}.{attribute}");
            let message = format!("{path}: must be greater than or equal to 0");
            checker.report(codes::NEGATIVE_REPLICAS, message, &path, "");
        }
    }
    if service.replicas() > 1 && !service.container_name.is_empty() {
        let attribute = if service.scale.is_some() { "scale" } else { "deploy.replicas" };
        let container = &service.container_name;
        checker.report(
            codes::REPLICAS_SHARE_NAME,
            // Docker Compose mixes the attribute and the names up; scripts see it so.
            invalid(format!(
                "services.{attribute}: can't set container_name and {container} as container name must be unique"
            )),
            &format!("services.{name}.container_name"),
            "one name",
        );
        checker.explain(&format!("services.{name}.{attribute}"), "for several containers");
        checker.advise("remove `container_name`: each container then gets a name of its own");
    }
}

fn report_distinct(checker: &mut Checker<'_>, service: &Service, own: &str, deployed: &str) {
    let name = &service.name;
    checker.report(
        codes::DISTINCT_VALUES,
        invalid(format!("services.{name}: can't set distinct values on '{own}' and '{deployed}'")),
        &format!("services.{name}.{own}"),
        "this and",
    );
    checker.explain(&format!("services.{name}.{deployed}"), "this must be equal");
    checker.advise(format!("write the number once, or twice the same: `{own}` means `{deployed}`"));
}
