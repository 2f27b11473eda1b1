/* list_page.c - see list_page.h. */
#include "bench/tool/list_page.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/base/words.h"
#include "bench/tool/list_family.h"
#include "bench/tool/list_parts.h"

enum { LABEL = 16, WIDTH = 80 };

void list_field(const char *label, const char *format, ...)
{
    char text[1024];
    va_list values;

    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    text_labelled(stdout, label, text, LABEL, WIDTH);
}

void list_field_progress(const char *label, unsigned progress)
{
    list_field(label, "%s%s%s", words_progress(progress),
               progress & CONTEND_MODULO_MALLOC ? ", apart from the allocator" : "",
               progress & CONTEND_MODULO_SYSCALL ? ", apart from system calls" : "");
}

void list_field_fork(unsigned flags, const struct list_operation *operations, size_t count)
{
    char names[LIST_WORDS] = "nothing";
    size_t used = 0;

    for (size_t i = 0; i < count && used < sizeof names; i++)
        if ((operations[i].progress & CONTEND_PROGRESS_CLASS) != CONTEND_BLOCKING)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "",
                                     operations[i].name);
    if (flags & CONTEND_RUNS_THREAD)
        list_field("after fork", "nothing: its own thread is not in the child");
    else if (flags & CONTEND_REMOTE)
        list_field("after fork", "nothing: its connections are the parent's");
    else
        list_field("after fork", "%s, whatever other threads were at; all, if they were outside",
                   names);
}

const char *list_words(unsigned bits, const struct list_word *words, size_t count,
                       char buffer[LIST_WORDS])
{
    size_t used = 0;

    snprintf(buffer, LIST_WORDS, "none");
    for (size_t i = 0; i < count && used < LIST_WORDS; i++)
        if (bits & words[i].bit)
            used += (size_t)snprintf(buffer + used, LIST_WORDS - used, "%s%s", used ? ", " : "",
                                     words[i].word);
    return buffer;
}

static void print_flags(const struct contend_identity *id)
{
    list_field("signals", id->flags & CONTEND_SIGNAL_SAFE
                              ? "a signal handler may use it, even inside the thread's own operation"
                              : "not for signal handlers");
    list_field("processes", id->flags & CONTEND_PROCESS_SHARED
                                ? "serves several processes from memory that they share"
                                : "for the threads of one process");
    list_field("own thread", id->flags & CONTEND_RUNS_THREAD ? "yes, from init to fini" : "no");
    list_field("time", id->flags & CONTEND_REAL_TIME ? "goes by a clock of its own"
                                                     : "the caller's, where it needs one");
    list_field("handles", id->flags & CONTEND_LOOKS_INTO_HANDLES
                              ? "their storage must outlive a thread that ends without detaching"
                              : "their storage may end with their thread");
    if (id->flags & CONTEND_REMOTE)
        list_field("store", "behind a file or a connection: calls may fail, and it may stay unknown "
                            "whether they took effect");
    if (id->flags & CONTEND_SPINS)
        list_field("waiting", "spins: slow when threads outnumber processors");
    if (id->flags & CONTEND_LIB_ABORTS)
        list_field("memory end", "the library beneath aborts when its own allocation fails");
    if (id->flags & CONTEND_EXHIBIT)
        list_field("broken", "on purpose: the tests must reject it");
    if (id->flags & CONTEND_FLOOR)
        list_field("floor", "does nothing: shows what the harness itself costs");
}

static void print_options(const struct contend_option *o)
{
    puts(o && o->name ? "\n  options, as --set takes them" : "\n  no options");
    for (; o && o->name; o++) {
        printf("    %s: %" PRId64 " to %" PRId64 ", default %" PRId64 "\n", o->name, o->least,
               o->greatest, o->preset);
        text_wrapped(stdout, o->meaning, LABEL, WIDTH - LABEL);
    }
}

void list_page(const struct entry *e)
{
    char name[ENTRY_NAME];

    puts(entry_name(e, name));
    text_wrapped(stdout, e->id->title, 2, WIDTH - 2);
    putchar('\n');
    list_field("header", "%s", e->header);
    list_field("shelf", e->family->shelf(e->ops) == CONTEND_CORE ? "core" : "study");
    list_field("library", "%s", e->family->needs(e->ops) ? e->family->needs(e->ops) : "none");
    if (e->id->lock)
        list_field("lock", "%s", e->id->lock);
    list_field("reference", "%s", family_paper(e->id));
    list_of(e->family)->page(e->ops);
    print_flags(e->id);
    print_options(e->id->options);
    list_parts(e);
}
