/* pulse.c - two files of /proc, read without the allocator. */
#include "bench/engine/pulse.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "locks/parts/platform.h"

/* The file of a thread; an empty text if it cannot be read. */
static void read_file(int tid, const char *name, char *text, size_t size)
{
    char path[64];
    ssize_t got = -1;

    snprintf(path, sizeof path, "/proc/self/task/%d/%s", tid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        got = read(fd, text, size - 1);
        close(fd);
    }
    text[got > 0 ? got : 0] = '\0';
}

struct pulse pulse_of(int tid)
{
    struct pulse p = { 0, contend_clock_ns(), 0 };
    char text[512];

    read_file(tid, "stat", text, sizeof text);
    const char *end = strrchr(text, ')'); /* of the name, which may contain anything */
    if (end && end[1] == ' ')
        p.state = end[2];
    read_file(tid, "schedstat", text, sizeof text);
    p.cpu_ns = strtoull(text, NULL, 10);
    return p;
}

bool pulse_waits(const struct pulse *before, const struct pulse *now)
{
    return now->state != 'R' || now->cpu_ns - before->cpu_ns >= (now->at_ns - before->at_ns) / 50;
}
