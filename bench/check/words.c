/* words.c - see words.h. */
#include "bench/check/words.h"

#include <string.h>

#include "bench/check/form.h"

enum { WHERE = 72, WORD = 112 };

static const char *order_name(int order)
{
    switch (order) {
    case __ATOMIC_RELAXED: return "relaxed";
    case __ATOMIC_CONSUME:
    case __ATOMIC_ACQUIRE: return "acquire";
    case __ATOMIC_RELEASE: return "release";
    case __ATOMIC_ACQ_REL: return "acq_rel";
    default: return "seq_cst";
    }
}

static const char *rmw_name(enum machine_rmw op)
{
    static const char *const names[] = {
        [MACHINE_EXCHANGE] = "exchange", [MACHINE_ADD] = "fetch_add", [MACHINE_SUB] = "fetch_sub",
        [MACHINE_AND] = "fetch_and",     [MACHINE_OR] = "fetch_or",   [MACHINE_XOR] = "fetch_xor",
        [MACHINE_NAND] = "fetch_nand"
    };

    return names[op];
}

void value_text(uint64_t value, char *text, size_t size)
{
    void *at = (void *)(uintptr_t)value;

    if (value <= UINT32_MAX || (int64_t)value < 0)
        snprintf(text, size, "%lld", (long long)value);
    else if (names_describe_pointer(at, text, size))
        return;
    else if (memory_block(at))
        memory_describe(at, text, size);
    else
        snprintf(text, size, "0x%llx", (unsigned long long)value);
}

/* The object of the event, a field or a whole block that is allocated or freed; and how its values are shown. */
static void where_text(const struct event *e, char *text, size_t size, struct form *form)
{
    bool whole = e->kind == EVENT_ALLOCATE || strcmp(e->text, "free") == 0;

    *form = (struct form){ .kind = FORM_WORD };
    if (e->local || !whole) {
        if (!names_describe_access(e, text, size, form))
            memory_describe(e->at, text, size);
    } else if (!names_describe_pointer(e->at, text, size)) {
        memory_describe(e->at, text, size);
    }
}

/* The failure itself, or NULL: some verdicts are about no step. */
const struct event *words_failure(void)
{
    const struct event *last = run.event_count ? &run.events[run.event_count - 1] : NULL;

    return last && last->kind == EVENT_FAIL ? last : NULL;
}

/* Whether it was announced, and then the thread crashed: it has read nothing. */
static bool is_fatal(const struct event *e)
{
    return words_failure() == e + 1 && run.result->verdict == CHECK_CRASH && words_failure()->thread == e->thread;
}

/* "{node1, 2}" of both halves of a wide access, or the value of one event. */
static void values_text(const struct event *e, const struct form *form, uint64_t value, uint64_t second, char *text,
                        size_t size)
{
    char one[60], other[48];

    if (e->target && value == e->value)
        snprintf(one, sizeof one, "&%.46s", e->target);
    else if (e->half || !form_value(form, value, e->size, one, sizeof one))
        value_text(value, one, sizeof one);
    value_text(second, other, sizeof other);
    if (e->half)
        snprintf(text, size, "{%s, %s}", one, other);
    else
        snprintf(text, size, "%s", one);
}

/* What the names of both halves have in common is that of the whole. */
static void whole_text(const struct event *e, char *text, size_t size)
{
    char second[WHERE];
    struct form unused;
    size_t same = 0;

    where_text(e, text, size, &unused);
    where_text(e + 1, second, sizeof second, &unused);
    while (text[same] && text[same] == second[same])
        same++;
    if (!text[same]) /* "sum" and "sum+8" */
        return;
    while (same > 0 && text[same] != '.' && text[same] != '[')
        same--;
    if (same > 0)
        text[same] = '\0';
}

static void access_text(const struct event *e, char *text, size_t size)
{
    char where[WHERE], value[WORD], before[WORD];
    const char *order = order_name(e->order);
    const struct event *second = e->half ? e + 1 : e;
    struct form form = { .kind = FORM_WORD };

    if (e->half)
        whole_text(e, where, sizeof where);
    else
        where_text(e, where, sizeof where, &form);
    values_text(e, &form, e->value, second->value, value, sizeof value);
    values_text(e, &form, e->before, second->before, before, sizeof before);
    switch (e->kind) {
    case EVENT_LOAD:
        snprintf(text, size, "load %s = %s, %s", where, value, order);
        break;
    case EVENT_STORE:
        snprintf(text, size, "store %s := %s, %s", where, value, order);
        break;
    case EVENT_RMW:
        snprintf(text, size, "%s %s: %s -> %s, %s", rmw_name(e->op), where, before, value, order);
        break;
    case EVENT_CAS:
        snprintf(text, size, "cas %s: %s -> %s, %s", where, before, value, order);
        break;
    case EVENT_CAS_FAILED:
        if (e->before == e->value && second->before == second->value)
            snprintf(text, size, "cas %s fails for no reason: is %s, %s", where, before, order);
        else
            snprintf(text, size, "cas %s fails: is %s, not %s, %s", where, before, value, order);
        break;
    case EVENT_READ:
        snprintf(text, size, e->size > 8 || is_fatal(e) ? "read %s" : "read %s = %s", where, value);
        break;
    case EVENT_WRITE:
        snprintf(text, size, e->size > 8 || !e->filled ? "write %s" : "write %s := %s", where,
                 value);
        break;
    default:
        snprintf(text, size, "allocate %s, %u bytes", where, e->size);
    }
}

bool words_access(const struct event *e)
{
    return e->kind <= EVENT_WRITE && e->kind != EVENT_FENCE;
}

/* The main thread runs before the other threads' first step or after their last one. */
void words_event(const struct event *e, bool afterwards, char *text, size_t size)
{
    char where[WHERE] = "";
    struct form unused;

    if (words_access(e) || e->kind == EVENT_ALLOCATE)
        access_text(e, text, size);
    else if (e->kind == EVENT_FENCE)
        snprintf(text, size, "fence, %s", order_name(e->order));
    else if (e->kind == EVENT_BEGIN)
        snprintf(text, size, "call %s", e->text);
    else if (e->kind == EVENT_END)
        snprintf(text, size, "return %s", e->text);
    else if (e->kind == EVENT_CALL && e->at) {
        where_text(e, where, sizeof where, &unused);
        snprintf(text, size, "%s %s", e->text, where);
    } else
        snprintf(text, size, "%s%s%s", e->kind == EVENT_FAIL && !e->thread ? afterwards ? "afterwards, " : "before the threads, " : "",
                 e->kind == EVENT_FAIL ? "HERE: " : "", e->text);
}
