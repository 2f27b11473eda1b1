/* model.c - the specification, one event after the other. */
#include "bench/replay/model.h"

#include <errno.h>
#include <stdlib.h>

#include "counters/counter.h"

int replay_model_make(struct replay_model *m, const struct replay_load *load, uint64_t ttl_ms,
                      uint64_t granularity_ms)
{
    *m = (struct replay_model){
        .users = load->users, .posts = load->posts, .first_ms = load->first_ms,
        .limit_ms = ttl_ms + granularity_ms - 1, .granularity_ms = granularity_ms,
        .last = malloc((load->users + 1) * sizeof *m->last),
        .claps = malloc((load->posts + 1) * sizeof *m->claps),
    };
    if (!m->last || !m->claps) {
        replay_model_free(m);
        return -ENOMEM;
    }
    replay_model_reset(m);
    return 0;
}

void replay_model_free(struct replay_model *m)
{
    free(m->last);
    free(m->claps);
    m->last = m->claps = NULL;
}

void replay_model_reset(struct replay_model *m)
{
    for (uint64_t u = 0; u < m->users; u++)
        m->last[u] = REPLAY_NEVER;
    for (uint64_t p = 0; p < m->posts; p++)
        m->claps[p] = 0;
    m->sessions = 0;
    m->latest_ms = m->first_ms; /* maps with packed stamps know no earlier time */
}

bool replay_model_online(const struct replay_model *m, uint64_t user, uint64_t now)
{
    uint64_t last = m->last[user];

    /* Not presence_fresh(): the model must not share the strategies' mistakes. */
    return last != REPLAY_NEVER && (now <= last || now - last <= m->limit_ms);
}

uint64_t replay_model_count(const struct replay_model *m, uint64_t now)
{
    uint64_t count = 0;

    for (uint64_t u = 0; u < m->users; u++)
        count += replay_model_online(m, u, now);
    return count;
}

static void beat(struct replay_model *m, uint64_t user, uint64_t now)
{
    uint64_t stamp = now - now % m->granularity_ms;

    m->sessions += !replay_model_online(m, user, now);
    if (m->last[user] == REPLAY_NEVER || stamp > m->last[user])
        m->last[user] = stamp;
    if (now > m->latest_ms)
        m->latest_ms = now;
}

void replay_model_beats(struct replay_model *m, const struct replay_load *load, unsigned thread,
                        struct replay_position from, struct replay_position to)
{
    const struct replay_part *p = &load->parts[thread];

    if (p->beat_count == 0)
        return; /* the same for any number of passes */
    for (; from.pass <= to.pass; from = (struct replay_position){ from.pass + 1, 0 }) {
        size_t end = from.pass == to.pass ? to.at : p->beat_count;
        for (size_t i = from.at; i < end; i++)
            beat(m, p->beats[i].user, p->beats[i].now + from.pass * load->period_ms);
    }
}

void replay_model_claps(struct replay_model *m, const struct replay_load *load, unsigned thread,
                        struct replay_position from, struct replay_position to)
{
    const struct replay_part *p = &load->parts[thread];

    if (p->clap_count == 0)
        return; /* the same for any number of passes */
    for (; from.pass <= to.pass; from = (struct replay_position){ from.pass + 1, 0 }) {
        size_t end = from.pass == to.pass ? to.at : p->clap_count;
        for (size_t i = from.at; i < end; i++)
            m->claps[p->claps[i]]++;
    }
}
