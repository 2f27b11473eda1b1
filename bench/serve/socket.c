/* socket.c - WebSockets (RFC 6455): opened, heard, pinged and closed. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "bench/serve/bodies.h"
#include "bench/serve/worker.h"

enum { KEY_TEXT = 24, SHA1_BYTES = 20, ACCEPT_TEXT = 32 };

/* ---- frames to the client ---- */

/* Sends what there is to say, and lets the client say goodbye if that was the last. */
static int flush(struct worker *w, struct conn *c)
{
    size_t n;

    while ((n = frames_write(&c->frames, w->out + LWS_PRE, sizeof w->out - LWS_PRE)) > 0)
        if (answer_put(w, c, w->out + LWS_PRE, n) != 0)
            return -1;
    if (!c->frames.closed)
        return 0;
    live_unlink(w, c);
    return answer_leave(w, c);
}

int socket_put(struct worker *w, struct conn *c, enum wslay_opcode kind, size_t n)
{
    return frames_put(&c->frames, kind, w->out + LWS_PRE, n) != 0 ? -1 : flush(w, c);
}

int socket_close(struct worker *w, struct conn *c, enum wslay_status_code why)
{
    frames_close(&c->frames, why);
    return flush(w, c);
}

/* ---- pings ---- */

/* Pings are due in the order in which they were noted. */
static void beat_later(struct worker *w, struct conn *c)
{
    c->beat_ns = contend_clock_ns() + 1000 * serve_clock_real_us(&w->service->clock, WORKER_BEAT_MS);
    TAILQ_INSERT_TAIL(&w->beating, c, beat);
}

uint64_t socket_ping(struct worker *w)
{
    uint64_t now = contend_clock_ns();
    struct conn *c;

    while ((c = TAILQ_FIRST(&w->beating)) && c->beat_ns <= now) {
        TAILQ_REMOVE(&w->beating, c, beat);
        beat_later(w, c);
        c->ping_due = true;
        if (c->held) /* nothing of it is read, so it may have answered; it has its time to read */
            c->asked_ns = 0;
        else if (!c->asked_ns)
            c->asked_ns = now;
        c->silent = c->asked_ns && now - c->asked_ns >= WORKER_SILENCE_S * UINT64_C(1000000000);
        live_ask(w, c);
    }
    return c ? (c->beat_ns - now) / 1000 + 1 : serve_clock_real_us(&w->service->clock, WORKER_BEAT_MS);
}

/* ---- what a client sends ---- */

/* {"post": 1, "claps": 1}: claps of the socket's user.  Anything else is a heartbeat alone. */
static void hear(void *user, enum wslay_opcode kind, const char *text, size_t length)
{
    struct conn *c = user;
    struct worker *w = lws_context_user(lws_get_context(c->wsi));
    struct service_claps done;
    uint64_t post;
    int claps;

    if (!c->has_user)
        return;
    service_beat(w->service, w->side, c->user);
    if (kind != WSLAY_PONG && body_claps(text, length, "post", &post, &claps) == 0)
        service_clap(w->service, w->side, post, c->user, claps, &done);
}

int socket_give_up(struct worker *w, struct conn *c)
{
    tally_add(&worker_tally(w)->too_slow, 1);
    return socket_close(w, c, c->in_part ? WSLAY_CODE_PROTOCOL_ERROR : WSLAY_CODE_GOING_AWAY);
}

int64_t socket_take(struct worker *w, struct conn *c, const char *bytes, size_t n)
{
    uint64_t whole = c->frames.whole;

    if (c->held)
        return 0;
    meter_add(w->service->meters, c->meter, n, 0);
    frames_read(&c->frames, bytes, n);
    if (c->frames.whole != whole) { /* any frame says that the client is there */
        c->asked_ns = 0;
        c->in_part = c->silent = false;
    } else if (n) {
        c->in_part = true;
    }
    return flush(w, c) != 0 ? -1 : (int64_t)n;
}

/* ---- opening ---- */

static bool is_text(struct head_text t, const char *wanted)
{
    return t.length == strlen(wanted) && strncasecmp(t.at, wanted, t.length) == 0;
}

bool socket_is_wanted(const struct head *h)
{
    return is_text(h->upgrade, "websocket");
}

/* Whether it is base64 of 16 bytes: 22 letters, of which the last leaves the bits free that it has too many. */
static bool is_key(struct head_text key)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < KEY_TEXT - 2 && key.length == KEY_TEXT; i++)
        if (key.at[i] == '\0' || !strchr(i == KEY_TEXT - 3 ? "AQgw" : letters, key.at[i]))
            return false;
    return key.length == KEY_TEXT && memcmp(key.at + KEY_TEXT - 2, "==", 2) == 0;
}

/* What proves that the key was read (RFC 6455, 4.2.2), with a 0 behind it. */
static bool make_accept(struct head_text key, char accept[ACCEPT_TEXT])
{
    static const char suffix[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char text[KEY_TEXT + sizeof suffix - 1], hash[SHA1_BYTES];

    if (!is_key(key))
        return false;
    memcpy(text, key.at, KEY_TEXT);
    memcpy(text + KEY_TEXT, suffix, sizeof suffix - 1);
    lws_SHA1(text, sizeof text, hash);
    return lws_b64_encode_string((const char *)hash, sizeof hash, accept, ACCEPT_TEXT) > 0;
}

static int send_accept(struct worker *w, struct conn *c, const char *accept)
{
    char *head = (char *)w->out + LWS_PRE, *at;

    at = stpcpy(head, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Accept: ");
    at = stpcpy(at, accept);
    at = stpcpy(at, "\r\n\r\n");
    return answer_put(w, c, w->out + LWS_PRE, (size_t)(at - head));
}

/* The arguments of the target.  0, or the status of a refusal. */
static int read_arguments(struct worker *w, struct conn *c)
{
    const struct serve_request q = { .query = w->query };
    uint64_t wants_online = 0;
    int user = request_query_number(&q, "user", &c->user);
    int post = request_query_number(&q, "post", &c->post);
    int online = request_query_number(&q, "online", &wants_online);

    uint64_t meter;

    if (user == -EINVAL || post == -EINVAL || online == -EINVAL || request_meter(&q, &meter) != 0)
        return 400;
    c->has_user = user == 0;
    c->one_post = post == 0;
    c->topics = wants_online ? TOPIC_CLAPS | TOPIC_ONLINE : TOPIC_CLAPS;
    return 0;
}

int socket_open(struct worker *w, struct conn *c, const struct head *h)
{
    char accept[ACCEPT_TEXT];
    int error;

    if (strcmp(w->path, "/live") != 0)
        return answer_refuse(w, c, 404, "the WebSocket is at /live");
    if (!is_text(h->socket_version, "13"))
        return answer_refuse(w, c, 426, "version 13 of WebSockets is understood");
    if (!make_accept(h->socket_key, accept))
        return answer_refuse(w, c, 400, "a Sec-WebSocket-Key is wanted: base64 of 16 bytes");
    if (read_arguments(w, c) != 0)
        return answer_refuse(w, c, 400, "?user=, ?post=, ?online= and ?meter= want whole numbers");
    if (c->one_post && !blogs_has(w->service->blogs, w->side, c->post))
        return answer_refuse(w, c, 404, "this post is not there");
    /* The first heartbeat tells whether there can be such a user. */
    error = c->has_user ? service_beat(w->service, w->side, c->user) : 0;
    if (error < 0) {
        reply_begin(&w->reply);
        reply_failure(&w->reply, error, "this user");
        return answer_refusal(w, c);
    }
    if (frames_begin(&c->frames, hear, c) != 0)
        return -1;
    c->kind = CONN_SOCKET;
    if (live_link(w, c) != 0)
        return -1;
    beat_later(w, c);
    if (send_accept(w, c, accept) != 0)
        return -1;
    live_ask(w, c);
    return 0;
}
