/* layer.c - a program that is linked, and never run. */
int main(void)
{
    return 0;
}
