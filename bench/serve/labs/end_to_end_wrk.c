/* end_to_end_wrk.c - the same requests by wrk (W. Glozer), a load generator that others know. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/serve/labs/end_to_end.h"
#include "bench/serve/labs/said.h"
#include "bench/serve/labs/site.h"
#include "bench/stores/servers/process.h"

/* The mix of http_load.c, in wrk's language; what it found comes out as one line of JSON. */
static const char script[] =
    "local users, posts, readers, hello\n"
    "function init(args)\n"
    "  users, posts, readers, hello = tonumber(args[1]), tonumber(args[2]), tonumber(args[3]),\n"
    "    args[4] == 'hello'\n"
    "end\n"
    "local function below(n) return math.random(0, n - 1) end\n"
    "function request()\n"
    "  local kind = below(16)\n"
    "  if hello then return wrk.format('GET', '/') end\n"
    "  if kind < 8 then\n"
    "    return wrk.format('POST', '/users/' .. below(users) .. '/heartbeat', nil, '')\n"
    "  end\n"
    "  if kind < 12 then return wrk.format('GET', '/posts/' .. 1 + below(posts)) end\n"
    "  if kind < 14 then\n"
    "    local ids = {}\n"
    "    for i = 1, 10 do ids[i] = below(users) end\n"
    "    return wrk.format('GET', '/users/online?ids=' .. table.concat(ids, ','))\n"
    "  end\n"
    "  return wrk.format('POST', '/posts/' .. 1 + below(posts) .. '/claps', nil,\n"
    "                    '{\"reader\":' .. below(readers) .. ',\"claps\":1}')\n"
    "end\n"
    "function done(summary, latency)\n"
    "  local e = summary.errors\n"
    "  io.write(string.format('\\nJSON {\"requests\":%d,\"us\":%d,\"p50_us\":%d,\"p99_us\":%d,' ..\n"
    "    '\"p999_us\":%d,\"failed\":%d}\\n', summary.requests, summary.duration,\n"
    "    latency:percentile(50), latency:percentile(99), latency:percentile(99.9),\n"
    "    e.connect + e.read + e.write + e.status + e.timeout))\n"
    "end\n";

/* The script as a file that a child can open; a descriptor, and its path. */
static int put_script(char *path, size_t size)
{
    int fd = memfd_create("script", MFD_CLOEXEC);

    if (fd >= 0 && write(fd, script, sizeof script - 1) != (ssize_t)sizeof script - 1) {
        close(fd);
        return -1;
    }
    snprintf(path, size, "/proc/%d/fd/%d", (int)getpid(), fd);
    return fd;
}

static void read_result(const char *text, struct end_run *out)
{
    json_t *found = text ? said_json(text, "\nJSON ") : NULL;
    uint64_t us = site_number(found, "us");

    if (us) {
        out->wrk_per_s = (double)site_number(found, "requests") * 1e6 / (double)us;
        out->wrk_p50_ns = (double)site_number(found, "p50_us") * 1000;
        out->wrk_p99_ns = (double)site_number(found, "p99_us") * 1000;
        out->wrk_p999_ns = (double)site_number(found, "p999_us") * 1000;
        out->wrk_failed = site_number(found, "failed");
    }
    json_decref(found);
}

void end_lab_wrk(struct end_lab *l, unsigned port, enum load_mix mix, struct end_run *out)
{
    char path[64], url[64], length[32], users[16], posts[16], readers[16], program[256], *text;
    uint64_t seconds = l->options->window_ms / 1000 ? l->options->window_ms / 1000 : 1;
    int fd;

    if (l->options->without_wrk || !process_find("wrk", program, sizeof program)) {
        snprintf(l->wrk_why, sizeof l->wrk_why, "%s",
                 l->options->without_wrk ? "not wanted" : "not installed (Debian: wrk)");
        return;
    }
    fd = put_script(path, sizeof path);
    if (fd < 0)
        return;
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
    snprintf(length, sizeof length, "-d%llus", (unsigned long long)seconds);
    snprintf(users, sizeof users, "%d", END_USERS);
    snprintf(posts, sizeof posts, "%d", END_POSTS);
    snprintf(readers, sizeof readers, "%d", END_READERS);
    const char *argv[] = { program, "-t1", "-c32", length, "-s", path, url, "--", users, posts, readers,
                           mix == LOAD_HELLO ? "hello" : "service", NULL };
    text = site_run_program(argv, (unsigned)seconds * 1000 + 20000);
    read_result(text, out);
    if (isnan(out->wrk_per_s))
        snprintf(l->wrk_why, sizeof l->wrk_why, "it did not say what it found");
    free(text);
    close(fd);
}
