/*
 * form.h - how a value is shown that an access has read or written: by the type of the object.
 *
 * Private to the explanations.  An access to a bit-field reaches its neighbours as well, so all of those are shown
 * that lie in its bytes.
 */
#ifndef CONTEND_BENCH_CHECK_FORM_H
#define CONTEND_BENCH_CHECK_FORM_H

#include "bench/check/types.h"

enum { FORM_FIELDS = 8, FORM_NAME = 24 };

enum form_kind {
    FORM_WORD,    /* a number, or a pointer by its name */
    FORM_FLOAT,
    FORM_LETTERS, /* some letters of an array */
    FORM_TEXT,    /* a pointer to letters */
    FORM_BITS     /* bit-fields */
};

struct form {
    enum form_kind kind;
    unsigned count; /* of bit-fields */
    struct form_field {
        char name[FORM_NAME];
        unsigned first, count; /* bits, counted from the lowest one of the access */
        bool negative;         /* its numbers may be */
    } fields[FORM_FIELDS];
};

/* Of `bytes` bytes that begin at `rest` within an object of that type, as type_path() leaves both. */
void form_of(Dwarf_Die *type, size_t rest, unsigned bytes, struct form *f) CHECK_PRIVATE(form_of);

/* Appends ".ready" or ".{ready, count}" to the name of a struct with bit-fields; nothing to others. */
void form_name(const struct form *f, char *path, size_t size) CHECK_PRIVATE(form_name);

/* The value in this form; false if it is to be shown as a number or a pointer. */
bool form_value(const struct form *f, uint64_t value, unsigned bytes, char *text, size_t size)
    CHECK_PRIVATE(form_value);

/* A part of a value, as a number. */
void form_bits(uint64_t value, unsigned first, unsigned count, bool negative, char *text, size_t size)
    CHECK_PRIVATE(form_bits);

#endif
