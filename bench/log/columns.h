/*
 * columns.h - which of the values that a record has by name are the time, the visitor and the
 * post: those that were named, or those under names that are known.
 */
#ifndef CONTEND_BENCH_LOG_COLUMNS_H
#define CONTEND_BENCH_LOG_COLUMNS_H

#include "bench/base/nearest.h"
#include "bench/log/parse.h"

enum log_role { LOG_TIME, LOG_USER, LOG_POST, LOG_ROLES };

struct log_names {
    const char *const *of[LOG_ROLES]; /* each ends with NULL; "date+time" is two columns */
    const char *own[LOG_ROLES][2]; /* those that were named */
    bool numbered; /* they number the columns of a CSV file, from 1 */
};

/* columns NULL = the known names; `user` replaces the visitor's, unless it is NULL. */
void log_names_set(struct log_names *names, const struct log_columns *columns, const char *user);

/* The names of what is a whole line of a log, within a record of containers, journals, exports. */
extern const char *const log_line_names[]; /* ends with NULL */

/* A column's number, from 1 on; 0: the name is none. */
unsigned log_column_number(const char *text);

/* Whether both are one name, as people write it: "Client IP", "client_ip", "clientIp". */
bool log_same_name(struct span a, struct span b);

/* What there is instead of a name that is missing. */
struct log_offer {
    const struct log_names *names;
    struct nearest nearest;
    char best[64];
    char all[96]; /* the first of them, with commas between */
};
void log_offer_add(struct log_offer *o, const char *name);
/* "there is no column 'pth'; did you mean 'path'?  There are ts, ip, path". */
void log_offer_say(const struct log_offer *o, const char *what, char text[LOG_REASON_SIZE]);

/* A value; text NULL: it is neither a string nor a number. */
struct log_value {
    struct span text;
    bool null;
    char number[32]; /* where the text of a number lies */
};

/* A record, whatever its format. */
struct log_record {
    void *of;
    const char *what; /* "column", "key" */
    /* The value of a name; `alike`: of one that log_same_name() takes for it. */
    bool (*find)(void *of, struct span name, bool alike, struct log_value *value);
    void (*offer)(void *of, struct log_offer *offer); /* all names */
    struct span around; /* the time of what is around the record, for one without; or nothing */
    size_t cells; /* how many it has, if columns are numbered */
    const char *missing; /* what to say instead where time or visitor is missing, or NULL */
};

/* What was found last: its names are tried first in the next record. */
struct log_roles {
    const char *found[LOG_ROLES];
    bool alike[LOG_ROLES];
    struct log_value values[LOG_ROLES];
    char date[64], reason[LOG_REASON_SIZE];
};

/* Whether a role has a value in the record. */
bool log_role_find(struct log_roles *r, const struct log_record *record,
                   const struct log_names *names, enum log_role role);

/* The same of a role, or that none of the names under which it is known is there. */
const char *log_role_missing(struct log_roles *r, const struct log_record *record,
                             const struct log_names *names, enum log_role role);

/* Why a record that has the other roles has no post. */
const char *log_post_missing(struct log_roles *r, const struct log_record *record,
                             const struct log_names *names);

/* Time, visitor and post of a record: 0, or -EINVAL with a reason. */
int log_roles_take(struct log_roles *r, const struct log_record *record,
                   const struct log_names *names, enum log_unit unit, struct log_fields *fields);

#endif
