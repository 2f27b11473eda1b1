/* outage.c - a Redis Cluster that loses a master for a while: who is answered, and what is lost. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "bench/stores/parts/trouble.h"
#include "bench/stores/presence_map/redis_cluster.h"
#include "bench/stores/servers/server.h"
#include "bench/stores/trials/trials.h"
#include "locks/parts/platform.h"

enum { VICTIM = 1, TIMEOUT_MS = 1000, BEFORE = 20000, DURING = 30000, MOST_SILENT = 3 };

static const uint64_t patience_ns = UINT64_C(20000000000);

struct scene {
    struct presence_redis_cluster m;
    struct presence_redis_cluster_handle h;
    unsigned victim; /* its number among the handle's nodes */
};

static bool is_its(struct scene *s, uint64_t user)
{
    char key[REDIS_KEY];
    unsigned part = presence_redis_cluster_part_of(&s->m.place, user);

    presence_redis_cluster_key(&s->m.place, part, key);
    return s->h.link.owner[redis_slot(key)] == s->victim;
}

static int all_beat(struct scene *s, uint64_t users, uint64_t now)
{
    int answer = 0;

    for (uint64_t u = 0; u < users && answer >= 0; u++)
        answer = presence_redis_cluster_heartbeat(&s->m, &s->h, u, now);
    return answer < 0 ? answer : 0;
}

/* One heartbeat of each; where a call waits for its time-out, of a few of the victim's users only. */
static void beat_during(struct scene *s, struct outage *out, enum outage_kind kind)
{
    unsigned waited = 0;

    for (uint64_t u = 0; u < out->users; u++) {
        bool its = is_its(s, u);
        out->its_users += its;
        if (its && kind == OUTAGE_SILENT && waited++ >= MOST_SILENT)
            continue;
        uint64_t began = contend_clock_ns();
        int answer = presence_redis_cluster_heartbeat(&s->m, &s->h, u, DURING);
        uint64_t took = (contend_clock_ns() - began) / 1000;
        out->slowest_us = took > out->slowest_us ? took : out->slowest_us;
        if (answer >= 0)
            out->answered++;
        else if (answer == -EIO || answer == -ETIMEDOUT)
            out->unknown++;
        else
            out->refused++;
    }
}

/* Asks until everybody is answered, and counts whom the cluster has forgotten. */
static int look_after(struct scene *s, struct outage *out)
{
    uint64_t began = contend_clock_ns();

    for (uint64_t u = 0; u < out->users; u++) {
        int64_t seen;
        do {
            seen = presence_redis_cluster_last_seen(&s->m, &s->h, u);
            if (contend_clock_ns() - began > patience_ns)
                return -ETIMEDOUT;
        } while (seen < 0 && seen != -ENOENT);
        out->forgotten += seen == -ENOENT; /* all had beaten before, and that was acknowledged */
    }
    out->back_s = (double)(contend_clock_ns() - began) / 1e9;
    return 0;
}

static int lose_and_return(struct scene *s, struct outage *out, enum outage_kind kind)
{
    struct server *server = redis_cluster_server();
    char text[SERVER_ERROR];
    pid_t pid = server_member_pid(server, VICTIM);
    int error = 0;

    while (strcmp(s->h.link.nodes.addresses[s->victim], server_member_address(server, VICTIM)) != 0)
        if (++s->victim == s->h.link.nodes.count)
            return -ENOENT;
    if (kind == OUTAGE_KILLED)
        server_kill(server, VICTIM);
    else
        kill(pid, SIGSTOP);
    beat_during(s, out, kind);
    if (kind == OUTAGE_SILENT)
        kill(pid, SIGCONT);
    else
        error = server_restart(server, text, sizeof text);
    if (error)
        trouble_note("redis_cluster", "%s", text);
    return error ? error : look_after(s, out);
}

int outage_trial(struct outage *out, enum outage_kind kind, uint64_t users)
{
    const struct contend_setting setting = { "timeout_ms", TIMEOUT_MS };
    const struct presence_config config = { .settings = { .list = &setting, .count = 1 } };
    struct scene *s = calloc(1, sizeof *s);
    int error = s ? presence_redis_cluster_init(&s->m, &config) : -ENOMEM;

    *out = (struct outage){ .users = users };
    if (!error) {
        error = presence_redis_cluster_attach(&s->m, &s->h);
        if (!error) {
            error = all_beat(s, users, BEFORE);
            if (!error)
                error = lose_and_return(s, out, kind);
            presence_redis_cluster_detach(&s->m, &s->h);
        }
        presence_redis_cluster_fini(&s->m);
    }
    free(s);
    return error;
}
