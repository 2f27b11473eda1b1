/* nginx.c - see nginx.h. */
#include "bench/serve/labs/nginx.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/base/interrupt.h"
#include "bench/serve/labs/site.h"
#include "bench/stores/servers/process.h"

enum { START_MS = 20000, STOP_MS = 3000, LOOK_MS = 5, TRIES = 3, PATH = 256 };

bool nginx_find(char *path, size_t size)
{
    static const char usual[] = "/usr/sbin/nginx"; /* which is not in everybody's PATH */

    if (process_find("nginx", path, size))
        return true;
    snprintf(path, size, "%s", usual);
    return access(usual, X_OK) == 0;
}

static unsigned free_port(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t length = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unsigned port = 0;

    if (fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
        getsockname(fd, (struct sockaddr *)&at, &length) == 0)
        port = ntohs(at.sin_port);
    if (fd >= 0)
        close(fd);
    return port;
}

/*
 * One process, which ends with its starter.  Its paths are relative to the folder.  The lock holds for pages
 * that are new; of one that is over its time, the old one is given while one request fetches it.
 */
static int write_configuration(const struct nginx *n, unsigned service_port, const char *rules)
{
    char path[PATH];
    FILE *f;

    snprintf(path, sizeof path, "%s/conf", n->folder.path);
    f = fopen(path, "we");
    if (!f)
        return -errno;
    fprintf(f,
            "daemon off; master_process off; pid pid; error_log stderr error;\n"
            "events { worker_connections 256; }\n"
            "http {\n"
            "  access_log off; keepalive_requests 1000000000; tcp_nodelay on;\n"
            "  client_body_temp_path body; proxy_temp_path proxy;\n"
            "  fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n"
            "  proxy_cache_path cache keys_zone=pages:4m;\n"
            "  upstream service { server 127.0.0.1:%u; keepalive 16; }\n"
            "  server {\n"
            "    listen 127.0.0.1:%u;\n"
            "    location / {\n"
            "      proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection \"\";\n"
            "      proxy_cache pages; proxy_cache_lock on;\n"
            "      proxy_cache_lock_timeout 60s; proxy_cache_lock_age 60s;\n"
            "      proxy_cache_use_stale updating;\n"
            "      %s\n"
            "    }\n"
            "  }\n"
            "}\n",
            service_port, n->port, rules);
    return fclose(f) == 0 ? 0 : -EIO;
}

/* Until it listens.  0, -EIO if it has ended, -EINTR or -ETIMEDOUT. */
static int await(struct nginx *n)
{
    for (unsigned waited = 0; waited < START_MS && !interrupt_came(); waited += LOOK_MS) {
        int fd = site_connect(n->port);
        if (fd >= 0) {
            close(fd);
            return 0;
        }
        if (process_ended(n->pid)) {
            n->pid = 0;
            return -EIO;
        }
        process_nap(LOOK_MS);
    }
    return interrupt_came() ? -EINTR : -ETIMEDOUT;
}

static int start_once(struct nginx *n, const char *program, unsigned service_port, const char *rules)
{
    char conf[PATH], log[PATH], prefix[PATH];
    const char *argv[] = { program, "-p", prefix, "-c", conf, "-e", "stderr", NULL };
    int error = server_folder_make(&n->folder, NULL);

    n->pid = 0;
    if (error)
        return error;
    n->port = free_port();
    snprintf(conf, sizeof conf, "%s/conf", n->folder.path);
    snprintf(log, sizeof log, "%s/log", n->folder.path);
    snprintf(prefix, sizeof prefix, "%s", n->folder.path);
    error = write_configuration(n, service_port, rules);
    if (!error) {
        const struct process_plan plan = { .argv = argv, .log = log, .folder = n->folder.path,
                                           .end_signal = SIGTERM };
        pid_t pid = process_start(&plan);
        error = pid < 0 ? (int)pid : 0;
        n->pid = pid < 0 ? 0 : pid;
    }
    if (!error)
        error = server_folder_note(&n->folder, n->pid);
    if (!error)
        error = await(n);
    if (error)
        nginx_stop(n);
    return error;
}

int nginx_start(struct nginx *n, unsigned service_port, const char *rules)
{
    char program[PATH];
    int error = -EIO;

    memset(n, 0, sizeof *n);
    if (!nginx_find(program, sizeof program))
        return -ENOENT;
    /* The port may be another's by now: then it ends by itself, and another port is tried. */
    for (unsigned i = 0; i < TRIES && error == -EIO; i++)
        error = start_once(n, program, service_port, rules);
    return error;
}

void nginx_stop(struct nginx *n)
{
    if (n->pid)
        process_end(n->pid, SIGTERM, STOP_MS);
    n->pid = 0;
    if (n->folder.path[0])
        server_folder_remove(&n->folder);
    n->folder.path[0] = '\0';
}
