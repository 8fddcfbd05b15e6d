/* The floor of a hand-off: connects to a Unix socket, writes, reads to the end, and exits; 0 where it was accepted.

       floor SOCKET REQUEST
*/
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char answer[65536];
    size_t length = 0;
    ssize_t got;

    if (argc != 3 || strlen(argv[1]) >= sizeof address.sun_path)
        return 2;
    strcpy(address.sun_path, argv[1]);
    int door = socket(AF_UNIX, SOCK_STREAM, 0);
    if (door < 0 || connect(door, (struct sockaddr *)&address, sizeof address))
        return 1;
    size_t left = strlen(argv[2]);
    for (const char *next = argv[2]; left; next += got, left -= (size_t)got)
        if ((got = write(door, next, left)) <= 0)
            return 1;
    while (length < sizeof answer && (got = read(door, answer + length, sizeof answer - length)) > 0)
        length += (size_t)got;
    return length > 9 && !memcmp(answer, "HTTP/1.1 2", 10) ? 0 : 3;
}
