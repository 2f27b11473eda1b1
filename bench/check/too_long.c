/* too_long.c - see too_long.h. */
#include "bench/check/too_long.h"

/* No rows: they would be thousands, and show only that it goes on. */
void too_long_print(const struct check_test *test, const struct check_result *result, FILE *out)
{
    fprintf(out, "%s: not checked: %s\n", test->name, result->text);
    fputs("If it is only too long for the checker: make its loops shorter, use less data, or allow more "
          "by --steps=N\n", out);
}

int too_long_status(enum check_verdict verdict)
{
    return verdict == CHECK_PASSED ? 0 : verdict == CHECK_TOO_LONG ? TOO_LONG_STATUS : 1;
}

static int rank(int status)
{
    return status == TOO_LONG_STATUS ? 1 : 2 * status;
}

int too_long_worse(int one, int other)
{
    return rank(one) > rank(other) ? one : other;
}
