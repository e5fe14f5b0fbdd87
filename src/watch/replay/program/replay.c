/*
 * The program that repeats changes of files in an engine's guest, where mounts from the user's machine tell of none.
 * It is the only process of a container of ours that has those directories mounted below /bireme; `build.sh` makes
 * of this file a static ELF file without any library, for each architecture.
 *
 * Standard input has commands: a letter, a number of milliseconds and a blank where one is needed, a path below
 * /bireme, a NUL.
 *
 *   W path       listens to a directory, so that it is known what the guest itself has heard of
 *   P time path  waits up to so many milliseconds until something is heard of a path
 *   M age path   a file was modified, and that was noticed so long ago
 *   C age path   something was created
 *   D age path   something was deleted
 *
 * Standard output has a line for each: `r` done, `h` heard of already (nothing was done), `n` not heard,
 * `e` and an errno.
 *
 * What must never happen: content or a modification time that changes, something lost that the user's machine
 * writes at the same moment, a step through a symbolic link.
 */

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

#if defined(__x86_64__)
enum { READ = 0, WRITE = 1, CLOSE = 3, EXIT = 60, CLOCK_GETTIME = 228, INOTIFY_ADD_WATCH = 254, OPENAT = 257,
       MKDIRAT = 258, UNLINKAT = 263, LINKAT = 265, SYMLINKAT = 266, PPOLL = 271, UTIMENSAT = 280,
       INOTIFY_INIT1 = 294, RENAMEAT2 = 316, STATX = 332 };
enum { O_DIRECTORY = 0200000, O_NOFOLLOW = 0400000 };
static long call(long number, long a, long b, long c, long d, long e) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
}
__asm__(".globl _start\n_start: xor %ebp, %ebp\n and $-16, %rsp\n call run\n");
#elif defined(__aarch64__)
enum { READ = 63, WRITE = 64, CLOSE = 57, EXIT = 93, CLOCK_GETTIME = 113, INOTIFY_ADD_WATCH = 27, OPENAT = 56,
       MKDIRAT = 34, UNLINKAT = 35, LINKAT = 37, SYMLINKAT = 36, PPOLL = 73, UTIMENSAT = 88,
       INOTIFY_INIT1 = 26, RENAMEAT2 = 276, STATX = 291 };
enum { O_DIRECTORY = 040000, O_NOFOLLOW = 0100000 };
static long call(long number, long a, long b, long c, long d, long e) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
}
__asm__(".globl _start\n_start: bl run\n");
#endif

enum { O_WRONLY = 1, O_NONBLOCK = 04000, O_CLOEXEC = 02000000, O_PATH = 010000000 };
enum { ENOENT = 2, EEXIST = 17, EINVAL = 22, ENAMETOOLONG = 36, ENOSYS = 38, EOPNOTSUPP = 95 };
enum { AT_FDCWD = -100, AT_SYMLINK_NOFOLLOW = 0x100, AT_REMOVEDIR = 0x200, AT_STATX_FORCE_SYNC = 0x2000 };
enum { RENAME_NOREPLACE = 1, RENAME_EXCHANGE = 2 };
enum { S_IFMT = 0170000, S_IFREG = 0100000, S_IFDIR = 040000 };
enum { UTIME_OMIT = (1 << 30) - 2, CLOCK_MONOTONIC = 1, POLLIN = 1 };
/* Modified, closed after writing, moved, created, deleted: what watchers take for a change. Not attributes: some
   products pass on those alone. */
enum { HEARD = 0x2 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200, IN_ONLYDIR = 0x01000000, IN_DONT_FOLLOW = 0x02000000 };

struct timespec { long seconds, nanoseconds; };
struct statx_time { long seconds; u32 nanoseconds; u32 pad; };
struct statx {
  u32 mask, blksize; u64 attributes; u32 nlink, uid, gid; unsigned short mode, pad; u64 ino, size, blocks, attributes_mask;
  struct statx_time atime, btime, ctime, mtime; u64 rest[20];
};
struct event { int watch; u32 mask, cookie, length; char name[]; };

/* How long a container's own change may be heard here before the user's machine notices it, in milliseconds. */
enum { EARLIER = 50 };
enum { LONGEST_NAME = 255, LONGEST_COMMAND = 8192, REMEMBERED = 4096 };

static int ears;
static int cannot_exchange;
/* When something was last heard of the place with this hash. */
static struct { u32 hash; long at; } heard[REMEMBERED];
static char input[LONGEST_COMMAND];
static char events[16384] __attribute__((aligned(8)));

static long length_of(const char *text) {
  long length = 0;
  while (text[length]) length++;
  return length;
}

static long now(void) {
  struct timespec time;
  call(CLOCK_GETTIME, CLOCK_MONOTONIC, (long)&time, 0, 0, 0);
  return time.seconds * 1000 + time.nanoseconds / 1000000;
}

static void answer(char letter, long number) {
  char line[24];
  int at = sizeof line;
  line[--at] = '\n';
  if (letter == 'e') {
    do line[--at] = '0' + number % 10; while (number /= 10);
  }
  line[--at] = letter;
  call(WRITE, 1, (long)(line + at), sizeof line - at, 0, 0);
}

/* Where a change is made: the directory, held open, and a name in it. */
struct place { long directory; const char *name; u32 hash; };

static u32 hash_of(int watch, const char *name) {
  u32 hash = 2166136261u ^ (u32)watch;
  for (; *name; name++) hash = (hash ^ (u8)*name) * 16777619u;
  return hash;
}

/* Takes note of what was heard; while something of ours is heard, throws it away instead. Whether `wanted` was among it. */
static int listen(u32 wanted, int is_ours) {
  int found = 0;
  long length;
  while ((length = call(READ, ears, (long)events, sizeof events, 0, 0)) > 0) {
    for (long at = 0; at < length;) {
      struct event *event = (struct event *)(events + at);
      at += sizeof *event + event->length;
      if (!event->length || !(event->mask & HEARD)) continue;
      u32 hash = hash_of(event->watch, event->name);
      if (hash == wanted) found = 1;
      if (is_ours) continue;
      heard[hash % REMEMBERED].hash = hash;
      heard[hash % REMEMBERED].at = now();
    }
  }
  return found;
}

/* Begins to listen to the directory at a path of this length; its number among those listened to. */
static long hear(const char *path, long length) {
  static char whole[LONGEST_COMMAND + 8];
  char *to = whole;
  for (const char *root = "/bireme/"; *root;) *to++ = *root++;
  while (length-- > 0) *to++ = *path++;
  *to = 0;
  return call(INOTIFY_ADD_WATCH, ears, (long)whole, HEARD | IN_ONLYDIR | IN_DONT_FOLLOW, 0, 0);
}

/* Opens the directory of a path step by step, so that none leads through a link. */
static long find(char *path, struct place *place) {
  char *last = path;
  for (char *at = path; *at; at++) if (*at == '/') last = at;
  if (last == path) return -EINVAL;
  long watch = hear(path, last - path);

  place->name = last + 1;
  if (!*place->name || length_of(place->name) > LONGEST_NAME) return -EINVAL;
  place->hash = hash_of(watch < 0 ? -1 : (int)watch, place->name);
  long directory = call(OPENAT, AT_FDCWD, (long)"/bireme", O_PATH | O_DIRECTORY | O_CLOEXEC, 0, 0);
  for (char *step = path; step <= last && directory >= 0;) {
    char *end = step;
    while (*end != '/') end++;
    *end = 0;
    long next = -EINVAL;
    int is_upwards = step[0] == '.' && (!step[1] || (step[1] == '.' && !step[2]));
    if (*step && !is_upwards) {
      next = call(OPENAT, directory, (long)step, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0, 0);
    }
    call(CLOSE, directory, 0, 0, 0, 0);
    directory = next;
    step = end + 1;
  }
  place->directory = directory;
  return directory < 0 ? directory : 0;
}

static long look(struct place *place, const char *name, struct statx *found) {
  return call(STATX, place->directory, (long)name, AT_SYMLINK_NOFOLLOW | AT_STATX_FORCE_SYNC, 0x7ff, (long)found);
}

static long move(struct place *place, const char *from, const char *to, int flags) {
  return call(RENAMEAT2, place->directory, (long)from, place->directory, (long)to, flags);
}

/* Moves to a name that nobody has. Not every file system can make sure of that. */
static long move_back(struct place *place, const char *from, const char *to) {
  long result = move(place, from, to, RENAME_NOREPLACE);
  return result == -EINVAL ? move(place, from, to, 0) : result;
}

static long take_away(struct place *place, const char *name) {
  return call(UNLINKAT, place->directory, (long)name, 0, 0, 0);
}

/* To set a modification time alone, to what it is, is a modification to watchers (fsnotify_change in Linux), and
   to open for writing and to close is one, too. */
static long modify(struct place *place) {
  struct statx found;
  long result = look(place, place->name, &found);
  if (result < 0) return result;
  struct timespec times[2] = {{0, UTIME_OMIT}, {found.mtime.seconds, found.mtime.nanoseconds}};
  if ((found.mode & S_IFMT) != S_IFDIR) {
    result = call(UTIMENSAT, place->directory, (long)place->name, (long)times, AT_SYMLINK_NOFOLLOW, 0);
  }
  if ((found.mode & S_IFMT) == S_IFREG) {
    long file = call(OPENAT, place->directory, (long)place->name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0, 0);
    if (file >= 0) call(CLOSE, file, 0, 0, 0, 0);
  }
  return result;
}

/* Lets a name come anew while it leads to the same all the time: a symbolic link to the place where the two meet
   changes places with it, twice. */
static long come_by_exchange(struct place *place, const char *aside) {
  struct statx link, found;
  long result = call(SYMLINKAT, (long)aside, place->directory, (long)aside, 0, 0);
  if (result < 0) return result;
  result = look(place, aside, &link);
  if (result >= 0) result = move(place, place->name, aside, RENAME_EXCHANGE);
  if (result < 0) {
    take_away(place, aside);
    return result;
  }
  result = move(place, place->name, aside, RENAME_EXCHANGE);
  if (result == -ENOENT) {
    /* It was deleted meanwhile, or what stood for it. */
    if (look(place, aside, &found) < 0) return 0;
    return (found.mode & S_IFMT) == S_IFDIR ? move_back(place, aside, place->name) : take_away(place, aside);
  }
  if (result < 0) return result;
  if (look(place, aside, &found) < 0) return 0;
  /* Something new has taken the place of the link meanwhile: it is what counts. */
  if (found.ino != link.ino) {
    result = move(place, place->name, aside, RENAME_EXCHANGE);
    if (result < 0) return result;
  }
  return take_away(place, aside);
}

/* Where nothing can change places: away and back. Nothing is lost by what is made there in between. */
static long come_by_return(struct place *place, const char *aside, int is_directory) {
  long result = move_back(place, place->name, aside);
  if (result < 0) return result;
  if (!is_directory) {
    result = call(LINKAT, place->directory, (long)aside, place->directory, (long)place->name, 0);
    if (result >= 0 || result == -EEXIST) return take_away(place, aside);
  }
  result = move_back(place, aside, place->name);
  return result == -EEXIST && !is_directory ? take_away(place, aside) : result;
}

static long create(struct place *place) {
  static char aside[LONGEST_NAME + 16];
  struct statx found, other;
  long result = look(place, place->name, &found);
  if (result < 0) return result;
  char *to = aside;
  for (const char *from = ".bireme-"; *from;) *to++ = *from++;
  for (const char *from = place->name; *from;) *to++ = *from++;
  *to++ = '~';
  *to = 0;
  if (to - aside > LONGEST_NAME) return -ENAMETOOLONG;
  if (look(place, aside, &other) != -ENOENT) return -EEXIST;
  int is_directory = (found.mode & S_IFMT) == S_IFDIR;
  result = cannot_exchange ? -EINVAL : come_by_exchange(place, aside);
  if (result == -EINVAL || result == -ENOSYS || result == -EOPNOTSUPP) {
    cannot_exchange = 1;
    result = come_by_return(place, aside, is_directory);
  }
  return result < 0 || is_directory ? result : modify(place);
}

/* A directory for a moment: unlike a file, it cannot be removed with anything in it that somebody else has put there
   meanwhile, nor can somebody write into it what would then be lost. */
static long delete(struct place *place) {
  long result = call(MKDIRAT, place->directory, (long)place->name, 0777, 0, 0);
  if (result < 0) return result;
  return call(UNLINKAT, place->directory, (long)place->name, AT_REMOVEDIR, 0, 0);
}

static int is_heard(struct place *place, long age) {
  listen(0, 0);
  long since = now() - age - EARLIER;
  return heard[place->hash % REMEMBERED].hash == place->hash && heard[place->hash % REMEMBERED].at >= since;
}

static int is_heard_soon(struct place *place, long patience) {
  struct { int descriptor; short events, returned; } ready = {ears, POLLIN, 0};
  long until = now() + patience;
  for (;;) {
    if (listen(place->hash, 0)) return 1;
    long rest = until - now();
    if (rest <= 0) return 0;
    struct timespec time = {rest / 1000, rest % 1000 * 1000000};
    call(PPOLL, (long)&ready, 1, (long)&time, 0, 8);
  }
}

static void obey(char *command) {
  char what = *command++;
  struct place place = {-1, 0, 0};
  long number = 0, result;
  if (what != 'W') {
    for (; *command >= '0' && *command <= '9'; command++) number = number * 10 + *command - '0';
    if (*command++ != ' ') return answer('e', EINVAL);
  }
  if (what == 'W') {
    result = hear(command, length_of(command));
    return result < 0 ? answer('e', -result) : answer('r', 0);
  }
  result = find(command, &place);
  if (result < 0) return answer('e', -result);
  if (what == 'P') {
    int is_it = is_heard_soon(&place, number);
    call(CLOSE, place.directory, 0, 0, 0, 0);
    return answer(is_it ? 'h' : 'n', 0);
  }
  if (is_heard(&place, number)) {
    call(CLOSE, place.directory, 0, 0, 0, 0);
    return answer('h', 0);
  }
  switch (what) {
    case 'M': result = modify(&place); break;
    case 'C': result = create(&place); break;
    case 'D': result = delete(&place); break;
    default: result = -EINVAL;
  }
  call(CLOSE, place.directory, 0, 0, 0, 0);
  listen(0, 1);
  if (result < 0) answer('e', -result); else answer('r', 0);
}

__attribute__((noreturn, used)) void run(void) {
  long filled = 0, length;
  ears = call(INOTIFY_INIT1, O_NONBLOCK | O_CLOEXEC, 0, 0, 0, 0);
  while ((length = call(READ, 0, (long)(input + filled), sizeof input - filled, 0, 0)) > 0) {
    filled += length;
    long begun = 0;
    for (long at = 0; at < filled; at++) {
      if (input[at]) continue;
      obey(input + begun);
      begun = at + 1;
    }
    /* No path is as long as all of it. */
    if (!begun && filled == sizeof input) break;
    for (long at = begun; at < filled; at++) input[at - begun] = input[at];
    filled -= begun;
  }
  call(EXIT, 0, 0, 0, 0, 0);
  for (;;) {}
}
