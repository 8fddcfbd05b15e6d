/* Runs a program and prints how long it lived in µs, its peak memory in kB, and its exit code.

       clocked PROGRAM ARGUMENT...

   The kernel counts what a process was before its exec into its peak memory: started by Python, no program would seem
   smaller than Python. This one is smaller than all that it starts.
*/
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

int main(int argc, char **argv)
{
    struct timespec start, end;
    struct rusage used;
    pid_t child;
    int status;

    clock_gettime(CLOCK_MONOTONIC, &start);
    if (argc < 2 || posix_spawn(&child, argv[1], NULL, NULL, argv + 1, environ) || wait4(child, &status, 0, &used) < 0)
        return 1;
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%ld %ld %d\n", (end.tv_sec - start.tv_sec) * 1000000 + (end.tv_nsec - start.tv_nsec) / 1000,
           used.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 255);
    return 0;
}
