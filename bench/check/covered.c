/* covered.c - see covered.h. */
#include "bench/check/covered.h"

static const char *const memory[] = { [CHECK_SC] = "sequentially consistent memory", [CHECK_WEAK] = "weak memory" };

void covered_learn(struct covered *c, const struct check_options *o, const struct check_result *r)
{
    if (r->verdict != CHECK_PASSED)
        return;
    if (r->complete && o->strategy == CHECK_DEPTH_FIRST && r->covered)
        c->within[o->mode] = r->covered;
    c->exhausted[o->mode] |= r->exhaustive;
}

void covered_add(struct covered_sum *sum, const struct covered *one)
{
    sum->last = *one;
    sum->scenarios++;
    for (int mode = CHECK_SC; mode <= CHECK_WEAK; mode++) {
        sum->exhausted[mode] += one->exhausted[mode];
        sum->within[mode] += !one->exhausted[mode] && one->within[mode];
    }
}

static bool leaves_out(int asked, int mode)
{
    if (asked < 0 || asked == mode)
        return false;
    printf("  nothing tried in %s\n", memory[mode]);
    return true;
}

void covered_print(const struct covered *c, int asked)
{
    static const char *const everything[] = { [CHECK_SC] = "every schedule",
                                              [CHECK_WEAK] = "every schedule and every value" };
    static const char *const unforced[] = { [CHECK_SC] = "unforced switches",
                                            [CHECK_WEAK] = "unforced switches and stale reads" };
    static const char *const some[] = { [CHECK_SC] = "schedules", [CHECK_WEAK] = "schedules and of the values" };

    for (int mode = CHECK_SC; mode <= CHECK_WEAK; mode++)
        if (leaves_out(asked, mode))
            continue;
        else if (c->exhausted[mode])
            printf("  exhaustive for %s: %s\n", memory[mode], everything[mode]);
        else if (c->within[mode])
            printf("  every schedule with up to %u %s, %s\n", c->within[mode], unforced[mode], memory[mode]);
        else
            printf("  a sample of the %s, %s\n", some[mode], memory[mode]);
}

void covered_print_sum(const struct covered_sum *sum, int asked)
{
    if (sum->scenarios == 1) {
        covered_print(&sum->last, asked);
        return;
    }
    for (int mode = CHECK_SC; mode <= CHECK_WEAK; mode++)
        if (!leaves_out(asked, mode))
            printf("  %s: %u of %u scenarios exhaustive, %u up to a bound of unforced switches, %u a sample\n",
                   memory[mode], sum->exhausted[mode], sum->scenarios, sum->within[mode],
                   sum->scenarios - sum->exhausted[mode] - sum->within[mode]);
}
