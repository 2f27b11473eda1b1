/*
 * emit.h - turns one strategy's header into an entry of the registry.
 *
 * A generated translation unit defines CONTEND_STRATEGY (the entry's name) and
 * CONTEND_HEADER (the stem of the header: a template serves several entries), and
 * includes the header and its family's loops.h.  That file defines
 *
 *   CONTEND_OBJECT      what the family's names begin with: counter
 *   CONTEND_FOLDER      where its headers are: "counters/"; unless the unit has said so
 *   EMIT_OPERATIONS     the contract's list of operations
 *
 * includes this one, declares each loop with EMIT_LOOP, writes it with OP(), TYPE and HANDLE, and
 * ends with EMIT_TABLE().
 */
#include "locks/parts/platform.h"
#include "locks/parts/traits.h"

#ifndef CONTEND_SHELF
#define CONTEND_SHELF CONTEND_CORE
#endif
#ifndef CONTEND_NEEDS
#define CONTEND_NEEDS NULL
#endif
#ifndef CONTEND_CHOICES
#define CONTEND_CHOICES ""
#endif

#define EMIT_NAME(stem, end) CONTEND_JOIN3(CONTEND_OBJECT, _, CONTEND_JOIN3(stem, _, end))
#define TYPE CONTEND_JOIN3(CONTEND_OBJECT, _, CONTEND_HEADER)
#define HANDLE EMIT_NAME(CONTEND_HEADER, handle)
#define OP(operation) EMIT_NAME(CONTEND_HEADER, operation)

/* Table and loops are external, and carry the prefix contend_; a disassembly shows loops by name. */
#define EMIT_EXTERNAL(end) CONTEND_JOIN3(contend_, CONTEND_OBJECT, CONTEND_JOIN3(_, CONTEND_STRATEGY, end))
#define LOOP(name) EMIT_EXTERNAL(_loop_##name)

/*
 * A copy that nobody measures is compiled with CONTEND_WITHOUT_LOOPS: its table has no loops, so that
 * the compiler leaves them out.  With the operations inlined in each, they are a fifth of its work.
 */
#ifdef CONTEND_WITHOUT_LOOPS
#define EMIT_LOOP static __attribute__((unused))
#define EMIT_LOOPS(...) { 0 }
#else
#define EMIT_LOOP
#define EMIT_LOOPS(...) __VA_ARGS__
#endif

/* For each operation a function of the table's type: void pointers become the strategy's. */
#define EMIT_GIVES(type, name, parameters, arguments)                                         \
    static type emit_##name parameters                                                        \
    {                                                                                         \
        return OP(name) arguments;                                                            \
    }
#define EMIT_DOES(name, parameters, arguments)                                                \
    static void emit_##name parameters                                                        \
    {                                                                                         \
        OP(name) arguments;                                                                   \
    }

EMIT_OPERATIONS(EMIT_GIVES, EMIT_DOES)

#define EMIT_FIELD_GIVES(type, name, parameters, arguments) .name = emit_##name,
#define EMIT_FIELD_DOES(name, parameters, arguments) .name = emit_##name,

/* EMIT_TABLE({ .add = LOOP(add), ... }): the table, with these loops. */
#define EMIT_TABLE(...)                                                                       \
    extern const struct CONTEND_JOIN3(CONTEND_OBJECT, _, ops) EMIT_EXTERNAL(_ops);            \
    const struct CONTEND_JOIN3(CONTEND_OBJECT, _, ops) EMIT_EXTERNAL(_ops) = {                \
        .traits = &OP(traits),                                                                \
        .header = CONTEND_FOLDER CONTEND_STRING(CONTEND_HEADER) ".h",                         \
        .shelf = CONTEND_SHELF,                                                               \
        .needs = CONTEND_NEEDS,                                                               \
        .choices = CONTEND_CHOICES,                                                           \
        .size = sizeof(struct TYPE),                                                          \
        .align = _Alignof(struct TYPE),                                                       \
        .handle_size = sizeof(struct HANDLE),                                                 \
        .handle_align = _Alignof(struct HANDLE),                                              \
        EMIT_OPERATIONS(EMIT_FIELD_GIVES, EMIT_FIELD_DOES)                                    \
        .loops = EMIT_LOOPS(__VA_ARGS__),                                                     \
    };
