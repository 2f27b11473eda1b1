/* variant.c - see variant.h. */
#include "bench/base/variant.h"

#include <inttypes.h>
#include <stdio.h>

int variant_complete(struct variant *v)
{
    const struct contend_settings settings = variant_settings(v);

    return v->family->own_traits(v->ops, &settings, &v->traits);
}

struct contend_settings variant_settings(const struct variant *v)
{
    struct contend_settings none = { .count = 0 };

    return v ? (struct contend_settings){ .list = &v->setting, .count = 1 } : none;
}

const char *variant_name(const struct variant *v, char *buffer, size_t size)
{
    snprintf(buffer, size, "%s[%s=%" PRId64 "]", v->family->identity(v->ops)->name,
             v->setting.name, v->setting.value);
    return buffer;
}
