/* Tells what is heard of a directory and of all directories that come into it: what, and where, for each event. */
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

static int ears;
static char paths[256][4096];

static void listen_to(const char *path) {
  int watch = inotify_add_watch(ears, path, IN_MODIFY | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVE | IN_ATTRIB);
  if (watch >= 0 && watch < 256) snprintf(paths[watch], sizeof paths[watch], "%s", path);
}

int main(int count, char **arguments) {
  char buffer[65536] __attribute__((aligned(8)));
  ears = inotify_init();
  for (int at = 1; at < count; at++) listen_to(arguments[at]);
  for (;;) {
    long length = read(ears, buffer, sizeof buffer);
    if (length <= 0) return 1;
    for (long at = 0; at < length;) {
      struct inotify_event *event = (struct inotify_event *)(buffer + at);
      at += sizeof *event + event->len;
      if (!event->len || event->name[0] == '.') continue;
      const char *what = event->mask & IN_MODIFY ? "modify" : event->mask & IN_CLOSE_WRITE ? "close"
        : event->mask & IN_CREATE ? "create" : event->mask & IN_DELETE ? "delete"
        : event->mask & IN_MOVED_TO ? "to" : event->mask & IN_MOVED_FROM ? "from" : "attributes";
      char path[8192];
      snprintf(path, sizeof path, "%s/%s", paths[event->wd], event->name);
      printf("%s %s\n", what, path);
      fflush(stdout);
      if (event->mask & IN_ISDIR && event->mask & (IN_CREATE | IN_MOVED_TO)) listen_to(path);
    }
  }
}
