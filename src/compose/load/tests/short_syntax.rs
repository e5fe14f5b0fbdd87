//! Short syntax of ports and volumes, as Docker Compose 2.40.3 reads it.

use super::service;

#[test]
fn ports_short_syntax() {
    for (short, long) in [
        ("80", "[{target:80}]"),
        ("80/udp", "[{target:80,protocol:udp}]"),
        ("8080:80", "[{target:80,published:8080}]"),
        ("8080:80/tcp", "[{target:80,published:8080}]"),
        ("127.0.0.1:8080:80", "[{host_ip:127.0.0.1,target:80,published:8080}]"),
        ("127.0.0.1::80", "[{host_ip:127.0.0.1,target:80}]"),
        ("[::1]:8080:80", "[{host_ip:::1,target:80,published:8080}]"),
        (
            "8080-8082:80-82",
            "[{target:80,published:8080},{target:81,published:8081},{target:82,published:8082}]",
        ),
        ("8080-8082:80", "[{target:80,published:8080-8082}]"),
        ("3000-3002", "[{target:3000},{target:3001},{target:3002}]"),
        ("9-11", "[{target:10},{target:11},{target:9}]"),
        ("0:80", "[{target:80,published:0}]"),
        (
            "127.0.0.1:5000-5001:5000-5001/udp",
            "[{host_ip:127.0.0.1,target:5000,published:5000,protocol:udp},{host_ip:127.0.0.1,target:5001,published:5001,protocol:udp}]",
        ),
        ("8080:80-81", "Invalid ranges specified for container and host Ports: 80-81 and 8080"),
        ("::80", "[{target:80}]"),
        ("a:80", "Invalid hostPort: a"),
        ("80:", "No port specified: 80:<empty>"),
        ("0", "service ports services.a.ports.[0] is missing a target port"),
        ("80:0", "service ports services.a.ports.[0] is missing a target port"),
        ("70000:80", "Invalid hostPort: 70000"),
        ("80/sctp", "[{target:80,protocol:sctp}]"),
        ("80/TCP", "[{target:80}]"),
        ("80/foo", "Invalid proto: foo"),
        ("0.0.0.0:80:80", "[{host_ip:0.0.0.0,target:80,published:80}]"),
        ("[fe80::1]:80:80", "[{host_ip:fe80::1,target:80,published:80}]"),
        ("1.2.3.4:80", "Invalid hostPort: 1.2.3.4"),
        ("8080:80:80", "Invalid ip address: 8080"),
        ("host:80:80", "Invalid ip address: host"),
        ("::1:80:80", "Invalid ip address ::1: address ::1:: too many colons in address"),
        (" 80", "Invalid containerPort:  80"),
        ("80-79", "Invalid containerPort: 80-79"),
        ("99999", "Invalid containerPort: 99999"),
        ("-1", "Invalid containerPort: -1"),
        ("8080/udp:80", "Invalid hostPort: 8080/udp"),
    ] {
        let outcome = service(&[&format!("image: x\nports: [\"{short}\"]")]);
        let found = outcome
            .at("services.a.ports")
            .replace("mode:\"ingress\",", "")
            .replace(",protocol:\"tcp\"", "")
            .replace('"', "");
        assert_eq!(found, long, "{short}");
    }
}

#[test]
fn volumes_short_syntax() {
    const CREATED: &str = "bind:{create_host_path:true}";
    for (short, long) in [
        ("/a", "{type:volume,target:/a}"),
        ("a:/b", "{type:volume,target:a:/b,volume:{}}"),
        ("./a:/b", "{type:bind,source:/p/a,target:/b,BIND}"),
        ("../a:/b", "{type:bind,source:/a,target:/b,BIND}"),
        ("~/a:/b", "{type:bind,source:/root/a,target:/b,BIND}"),
        ("/a:/b:ro", "{type:bind,source:/a,target:/b,read_only:true,BIND}"),
        ("a:/b:rw", "{type:bind,source:a:/b,target:rw,BIND}"),
        ("./a:/b:z", "{type:bind,source:/p/a,target:/b,bind:{selinux:z,create_host_path:true}}"),
        (
            "./a:/b:ro,Z",
            "{type:bind,source:/p/a,target:/b,read_only:true,bind:{selinux:Z,create_host_path:true}}",
        ),
        (
            "./a:/b:rshared",
            "{type:bind,source:/p/a,target:/b,bind:{propagation:rshared,create_host_path:true}}",
        ),
        ("a:/b:ro,nocopy", "{type:bind,source:a:/b,target:ro,nocopy,BIND}"),
        (r"C:\x:/b", r"{type:bind,source:C:\x,target:/b,BIND}"),
        ("c:/x:/b", "{type:bind,source:c:/x,target:/b,BIND}"),
        (r"\\.\pipe\x:/b", r"{type:bind,source:\\.\pipe\x,target:/b,BIND}"),
        ("a", "{type:volume,target:a}"),
        ("v:/v", "{type:volume,target:v:/v,volume:{}}"),
        ("ab:/v", "{type:volume,source:ab,target:/v,volume:{}}"),
        ("ab:/v:nocopy", "{type:volume,source:ab,target:/v,volume:{nocopy:true}}"),
        ("/", "{type:volume,target:/}"),
        ("a:b", "{type:volume,target:a:b,volume:{}}"),
        ("./a:b", "{type:bind,source:/p/a,target:b,BIND}"),
        ("a:/b/../c/", "{type:volume,target:a:/c,volume:{}}"),
        ("", "invalid empty volume spec"),
        (":/b", "invalid spec: :/b: empty section between colons"),
        ("a:", "{type:volume,target:a:}"),
        ("a:/b:", "invalid spec: a:/b:: empty section between colons"),
        ("a:/b:ro:rw", "{type:bind,source:a:/b,target:ro,BIND}"),
        ("/a:/b:ro:rw", "invalid spec: /a:/b:ro:rw: too many colons"),
        ("./a:/b:cached", "{type:bind,source:/p/a,target:/b,BIND}"),
        (".:/b", "{type:bind,source:/p,target:/b,BIND}"),
        ("/a/:/b/", "{type:bind,source:/a/,target:/b,BIND}"),
        ("./x/../y:/b", "{type:bind,source:/p/y,target:/b,BIND}"),
        ("~:/b", "{type:bind,source:/root,target:/b,BIND}"),
    ] {
        let outcome = service(&[&format!("image: x\nvolumes: ['{short}']")]);
        let found = outcome.at("services.a.volumes[0]").replace('"', "");
        let long = long.replace("BIND", CREATED);
        assert_eq!(found, long, "{short}");
    }
}
