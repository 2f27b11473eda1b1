/* hold_text.c - the promises of `contend hold`, its table and its file. */
#include "bench/base/text.h"
#include "bench/report/results.h"
#include "bench/serve/labs/hold.h"

/* A clap later is not yet saved, but what is restored may have it: the save was under way. */
static void judge_kill(struct hold_lab *l)
{
    experiment_shape(&l->e, "kill", SHAPE_EXACT,
                     l->kill.restored >= l->kill.saved && l->kill.restored <= l->kill.given,
                     "a kill -9 loses at most what came after the last save: of %.0f claps, %.0f before it, "
                     "%.0f are there.", (double)l->kill.given, (double)l->kill.saved,
                     (double)l->kill.restored);
}

static void judge_crowd(struct hold_lab *l)
{
    double n = (double)l->crowd.sockets;

    experiment_shape(&l->e, "held", SHAPE_EXACT,
                     l->crowd.held == l->crowd.sockets && l->crowd.bytes <= HOLD_SOCKET_BYTES,
                     "%.0f WebSockets are held (%.0f counted) with at most %d bytes of the service each: "
                     "%.0f.", n, (double)l->crowd.held, HOLD_SOCKET_BYTES, l->crowd.bytes);
    experiment_shape(&l->e, "reconnect", SHAPE_EXACT,
                     l->crowd.came_back == l->crowd.sockets && l->crowd.refused == 0 &&
                         l->crowd.beats >= 2 * l->crowd.sockets,
                     "all of them gone and back at once: %.0f are back, %.0f connections refused, and each was "
                     "a heartbeat (%.0f of %.0f).", (double)l->crowd.came_back, (double)l->crowd.refused,
                     (double)l->crowd.beats, 2 * n);
}

void hold_lab_judge(struct hold_lab *l)
{
    hello_judge(&l->e, &l->speed);
    if (l->crowd.done) {
        judge_crowd(l);
    } else {
        experiment_not_reached(&l->e, "held", "a crowd of WebSockets");
        experiment_not_reached(&l->e, "reconnect", "the crowd coming back at once");
    }
    if (l->slow.done) {
        experiment_shape(&l->e, "slow", SHAPE_EXACT,
                         l->slow.answered == l->slow.asked && l->slow.failed == 0,
                         "beside clients that are slow or silent everybody else is answered: %.0f of %.0f.",
                         (double)l->slow.answered, (double)l->slow.asked);
        experiment_shape(&l->e, "delay", SHAPE_MEASURED,
                         l->slow.p99_beside_ns < 3 * l->slow.p99_ns + 5e6,
                         "and not later for it: %.1f ms at p99 with them, %.1f ms without.",
                         l->slow.p99_beside_ns / 1e6, l->slow.p99_ns / 1e6);
    } else {
        experiment_not_reached(&l->e, "slow", "others beside clients that are slow");
        experiment_not_reached(&l->e, "delay", "how much later they are answered");
    }
    if (l->kill.done)
        judge_kill(l);
    else
        experiment_not_reached(&l->e, "kill", "what a kill -9 loses");
}

void hold_lab_print(const struct hold_lab *l)
{
    char text[TEXT_NUMBER], other[TEXT_NUMBER];

    printf("What the service holds\n\n");
    if (l->why[0])
        printf("  left out: %.66s\n", l->why);
    hello_print(&l->speed);
    if (l->crowd.done) {
        printf("  WebSockets at once               %10s%s\n",
               text_grouped((double)l->crowd.sockets, text),
               l->crowd.sockets < l->options->sockets ? ", for want of descriptors" : "");
        printf("  bytes for each                   %10s\n", text_grouped(l->crowd.bytes, text));
        printf("  all of them gone, and back after %10s\n", text_duration(l->crowd.back_ms * 1e6, text));
    }
    if (l->slow.done)
        printf("  p99 at %4.0f requests a second    %10s, beside slow clients %s\n", l->slow.rate,
               text_duration(l->slow.p99_ns, text), text_duration(l->slow.p99_beside_ns, other));
    if (l->kill.done)
        printf("  claps lost to a kill -9          %10s, given since the last save %s\n",
               text_grouped((double)(l->kill.given - l->kill.restored), text),
               text_grouped((double)(l->kill.given - l->kill.saved), other));
    printf("\n");
}

json_t *hold_lab_json(const struct hold_lab *l)
{
    json_t *j = json_pack("{s:I, s:s}", "window_ms", (json_int_t)l->options->window_ms, "left_out", l->why);

    if (l->speed.done)
        json_object_set_new(j, "speed", hello_json(&l->speed));
    if (l->crowd.done)
        json_object_set_new(j, "crowd", json_pack(
            "{s:I, s:I, s:I, s:I, s:I, s:f, s:f}", "sockets", (json_int_t)l->crowd.sockets, "held",
            (json_int_t)l->crowd.held, "came_back", (json_int_t)l->crowd.came_back, "beats",
            (json_int_t)l->crowd.beats, "refused", (json_int_t)l->crowd.refused, "bytes", l->crowd.bytes,
            "back_ms", l->crowd.back_ms));
    if (l->slow.done)
        json_object_set_new(j, "slow", json_pack(
            "{s:I, s:I, s:I, s:o, s:o}", "asked", (json_int_t)l->slow.asked, "answered",
            (json_int_t)l->slow.answered, "failed", (json_int_t)l->slow.failed, "p99_ns",
            results_number(l->slow.p99_ns), "p99_beside_ns", results_number(l->slow.p99_beside_ns)));
    if (l->kill.done)
        json_object_set_new(j, "kill", json_pack("{s:I, s:I, s:I}", "given", (json_int_t)l->kill.given,
                                                 "saved", (json_int_t)l->kill.saved, "restored",
                                                 (json_int_t)l->kill.restored));
    return j;
}
