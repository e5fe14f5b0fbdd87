//! Mounts of a container: as bind strings where the engine's older form can say it, because that is
//! what Compose sends, and as mount objects elsewhere.

use super::{Setting, StackError, files};
use crate::compose::model::{Mount, MountBind, MountVolume, Service};
use crate::diagnostic::codes;
use crate::engine::api::{
    ApiVersion, HostConfig, ImageDetails, MountBindOptions, MountDetails, MountImageOptions,
    MountSpec, MountTmpfsOptions, MountVolumeOptions,
};

/// Engines from this version mount images.
const IMAGE_MOUNTS: ApiVersion = ApiVersion::new(1, 48);
/// Since when engines make what is mounted below a bind read-only.
const READ_ONLY_SUBMOUNTS: ApiVersion = ApiVersion::new(1, 44);

/// Fills in the mounts of `host`; `inherited` are those of the container that is replaced, and
/// `image` tells which paths get an anonymous volume.
pub(super) fn apply(
    setting: &Setting<'_>,
    service: &Service,
    image: Option<&ImageDetails>,
    inherited: &[MountDetails],
    host: &mut HostConfig,
    warnings: &mut Vec<String>,
) -> Result<(), StackError> {
    for entry in &service.tmpfs {
        let (path, options) = entry.split_once(':').unwrap_or((entry, ""));
        host.tmpfs.insert(path.to_owned(), options.to_owned());
    }
    let mut mounts: Vec<MountSpec> = Vec::new();
    for mount in inherited.iter().filter(|mount| is_inherited(mount, service, image)) {
        let source = if mount.r#type == "volume" { &mount.name } else { &mount.source };
        put(
            &mut mounts,
            MountSpec {
                r#type: mount.r#type.clone(),
                source: source.clone(),
                target: mount.destination.clone(),
                read_only: !mount.writable,
                ..MountSpec::default()
            },
        );
    }
    for (index, mount) in service.volumes.iter().enumerate() {
        let anonymous = mount.source.is_empty() && mount.r#type != "tmpfs";
        if anonymous && inherited.iter().any(|old| passes_on(old, &mount.target)) {
            continue;
        }
        if mount.r#type == "image" && setting.api_version < IMAGE_MOUNTS {
            return Err(setting.problem(
                codes::IMAGE_MOUNT_UNSUPPORTED,
                &format!("services.{}.volumes[{index}]", service.name),
                "volume with type=image require Docker Engine v28 or later",
            ));
        }
        let is_read_only_below = mount.bind.as_ref().is_some_and(|it| it.recursive == "readonly");
        if is_read_only_below && setting.api_version < READ_ONLY_SUBMOUNTS {
            return Err(setting.problem(
                codes::READ_ONLY_SUBMOUNTS_UNSUPPORTED,
                &format!("services.{}.volumes[{index}].bind.recursive", service.name),
                "bind-recursive=readonly requires API v1.44 or later",
            ));
        }
        put(&mut mounts, spec(setting, mount));
    }
    for mount in files::mounts(setting, service, warnings)? {
        if !mounts.iter().any(|other| other.target == mount.target) {
            mounts.push(mount);
        }
    }
    for mount in mounts {
        match bind_string(setting, service, &mount) {
            Some(bind) => host.binds.push(bind),
            None => host.mounts.push(mount),
        }
    }
    Ok(())
}

/// Adds a mount, in place of one with the same target.
fn put(mounts: &mut Vec<MountSpec>, mount: MountSpec) {
    match mounts.iter_mut().find(|other| other.target == mount.target) {
        Some(other) => *other = mount,
        None => mounts.push(mount),
    }
}

fn passes_on(mount: &MountDetails, target: &str) -> bool {
    mount.r#type != "tmpfs" && mount.destination == target
}

/// Whether the old container's mount is one that nobody named: a VOLUME of the image, or a volume
/// of the service without a source.
fn is_inherited(mount: &MountDetails, service: &Service, image: Option<&ImageDetails>) -> bool {
    let of_image = image.is_some_and(|image| image.config.volumes.contains_key(&mount.destination));
    let of_service = service
        .volumes
        .iter()
        .any(|volume| volume.target == mount.destination && volume.source.is_empty());
    mount.r#type != "tmpfs" && (of_image || of_service)
}

fn spec(setting: &Setting<'_>, mount: &Mount) -> MountSpec {
    let volume = setting.project.volumes.get(&mount.source).filter(|_| mount.r#type == "volume");
    MountSpec {
        r#type: mount.r#type.clone(),
        source: volume.map_or_else(|| mount.source.clone(), |volume| volume.name.clone()),
        target: mount.target.clone(),
        read_only: mount.read_only,
        consistency: mount.consistency.clone(),
        bind_options: mount.bind.as_ref().map(bind_options),
        volume_options: mount.volume.as_ref().map(|volume| MountVolumeOptions {
            no_copy: volume.nocopy,
            labels: volume.labels.clone(),
            subpath: volume.subpath.clone(),
        }),
        tmpfs_options: mount
            .tmpfs
            .as_ref()
            .map(|tmpfs| MountTmpfsOptions { size_bytes: tmpfs.size.0, mode: tmpfs.mode }),
        image_options: mount
            .image
            .as_ref()
            .map(|image| MountImageOptions { subpath: image.subpath.clone() }),
    }
}

fn bind_options(bind: &MountBind) -> MountBindOptions {
    MountBindOptions {
        propagation: bind.propagation.clone(),
        create_mountpoint: creates_source(bind),
        non_recursive: bind.recursive == "disabled",
        read_only_non_recursive: bind.recursive == "writable",
        read_only_force_recursive: bind.recursive == "readonly",
    }
}

/// The mount as `source:target:options`, if that form can say it.
fn bind_string(setting: &Setting<'_>, service: &Service, mount: &MountSpec) -> Option<String> {
    let written = service.volumes.iter().find(|volume| volume.target == mount.target)?;
    let says_all = match mount.r#type.as_str() {
        "bind" => !written.bind.as_ref().is_some_and(bind_needs_object),
        "volume" => {
            setting.project.volumes.values().any(|volume| volume.name == mount.source)
                && !written.volume.as_ref().is_some_and(volume_needs_object)
        }
        _ => false,
    };
    if !says_all {
        return None;
    }
    let mut options = vec![if written.read_only { "ro" } else { "rw" }];
    if let Some(bind) = &written.bind
        && !bind.selinux.is_empty()
    {
        options.push(&bind.selinux);
    }
    Some(format!("{}:{}:{}", mount.source, mount.target, options.join(",")))
}

/// What is not written is read as Docker Compose 2 reads it.
fn creates_source(bind: &MountBind) -> bool {
    bind.create_host_path.unwrap_or(false)
}

fn bind_needs_object(bind: &MountBind) -> bool {
    !creates_source(bind) || !bind.propagation.is_empty() || !bind.recursive.is_empty()
}

fn volume_needs_object(volume: &MountVolume) -> bool {
    !volume.labels.is_empty() || !volume.subpath.is_empty() || volume.nocopy
}
