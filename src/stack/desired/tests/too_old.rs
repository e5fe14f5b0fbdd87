//! What engines are too old for: refused where it matters, told where it is ignored.

use super::*;
use crate::stack::desired::{network, warning_of_network};

#[test]
fn what_an_engine_is_too_old_for() {
    type Change = fn(&mut Service);
    let cases: [(Change, (u16, u16), &str); 6] = [
        (
            |service| {
                if let Some(check) = &mut service.healthcheck {
                    check.start_interval = Some(Duration(1));
                }
            },
            (1, 43),
            "can't set healthcheck.start_interval as feature require Docker Engine v25 or later",
        ),
        (
            |service| {
                if let Some(check) = &mut service.healthcheck {
                    check.start_interval = Some(Duration(1));
                }
            },
            (1, 44),
            "healthcheck.start_interval requires healthcheck.start_period to be set",
        ),
        (
            |service| {
                if let Some(Some(network)) = service.networks.get_mut("n1") {
                    network.interface_name = "eth9".into();
                }
            },
            (1, 48),
            "interface_name requires Docker Engine v28.1 or later",
        ),
        (
            |service| service.volumes[0].r#type = "image".into(),
            (1, 47),
            "volume with type=image require Docker Engine v28 or later",
        ),
        (
            |service| {
                let bind = MountBind { recursive: "readonly".into(), ..MountBind::default() };
                service.volumes[0].bind = Some(bind);
            },
            (1, 43),
            "bind-recursive=readonly requires API v1.44 or later",
        ),
        (
            |service| {
                for network in service.networks.values_mut().flatten() {
                    network.mac_address = "02:42:ac:11:65:43".into();
                }
            },
            (1, 43),
            "a MAC address is specified for multiple networks (n1, n2), but this feature requires \
             Docker Engine v25 or later",
        ),
    ];
    for (change, (major, minor), expected) in cases {
        let mut project = recorded();
        change(&mut project.services["db"]);
        let error = made(&project, ApiVersion::new(major, minor)).expect_err(expected);
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn what_an_engine_is_too_old_for_and_ignores() {
    let mut project = recorded();
    let service = &mut project.services["db"];
    service.annotations.insert("a".into(), "b".into());
    service.volumes[0].volume =
        Some(MountVolume { subpath: "sub".into(), ..MountVolume::default() });
    if let Some(Some(network)) = service.networks.get_mut("n1") {
        network.gw_priority = 1;
    }
    let told = |minor: u16| {
        let mut warnings = Vec::new();
        // Twice, as for two replicas.
        for _ in 0..2 {
            made_with(&project, ApiVersion::new(1, minor), &mut warnings).expect("it can be made");
        }
        warnings
    };
    let all = told(41);
    let of =
        |what: &str| all.iter().filter(|text| text.contains(what)).cloned().collect::<Vec<_>>();
    assert_eq!(
        of("subpath"),
        [
            "services.db.volumes[0].volume.subpath requires Docker Engine v26 or later (API 1.45) and is \
             ignored by this one (API 1.41): the whole volume is mounted"
        ]
    );
    assert_eq!((of("annotations").len(), of("networks.n1.gw_priority").len()), (1, 1));
    assert_eq!((told(44).len(), told(45).len()), (all.len() - 1, all.len() - 2));
    assert!(told(48).iter().all(|text| !text.contains("requires Docker Engine")));
}

#[test]
fn a_network_without_ipv4_needs_an_engine_that_knows_of_that() {
    let mut project = recorded();
    project.networks.get_mut("n1").expect("it has one").enable_ipv4 = Some(false);
    let none = BTreeMap::new();
    let told = |minor: u16| {
        let setting = Setting {
            project: &project,
            api_version: ApiVersion::new(1, minor),
            files: &NoFiles,
            compatibility: false,
            proxy_environment: &none,
        };
        let networks = project.networks.iter();
        let desired = networks.map(|(key, network)| network::desired(&setting, key, network));
        desired.filter_map(|network| warning_of_network(&setting, &network)).collect::<Vec<_>>()
    };
    assert_eq!(
        told(47),
        [
            "networks.n1.enable_ipv4 requires Docker Engine v28 or later (API 1.48) and is ignored by this \
             one (API 1.47)"
        ]
    );
    assert!(told(48).is_empty());
}
