#include "web.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAGES 16

struct page {
    char path[128];
    struct buffer answer;
    unsigned asked;
};

struct web {
    int listener;
    unsigned port;
    pthread_t thread;
    pthread_mutex_t lock;
    struct page pages[PAGES];
    size_t count;
};

static struct page *find(struct web *web, const char *path)
{
    for (size_t i = 0; i < web->count; i++)
        if (strcmp(web->pages[i].path, path) == 0)
            return &web->pages[i];
    struct page *page = &web->pages[web->count++];
    snprintf(page->path, sizeof(page->path), "%s", path);
    return page;
}

static void send_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        data += sent;
        len -= (size_t)sent;
    }
}

static void answer(struct web *web, int fd)
{
    char request[4096] = "", path[128] = "";
    size_t len = 0;
    ssize_t got;
    while (!strstr(request, "\r\n\r\n") && len < sizeof(request) - 1 &&
           (got = read(fd, request + len, sizeof(request) - 1 - len)) > 0)
        len += (size_t)got;
    sscanf(request, "GET %127s", path);
    pthread_mutex_lock(&web->lock);
    struct page *page = find(web, path);
    page->asked++;
    struct buffer copy = BUFFER_INIT;
    if (page->answer.len)
        buffer_add_str(&copy, buffer_str(&page->answer));
    else
        buffer_add_str(&copy, STR("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
    pthread_mutex_unlock(&web->lock);
    send_all(fd, copy.data, copy.len);
    buffer_clear(&copy);
}

static void *serve(void *arg)
{
    struct web *web = arg;
    int fd;
    while ((fd = accept(web->listener, NULL, NULL)) >= 0) {
        answer(web, fd);
        close(fd);
    }
    return NULL;
}

struct web *web_start(void)
{
    struct web *web = calloc(1, sizeof(*web));
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    web->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(web->listener, (struct sockaddr *)&address, len) || listen(web->listener, 16) ||
        getsockname(web->listener, (struct sockaddr *)&address, &len))
        abort();
    web->port = ntohs(address.sin_port);
    pthread_mutex_init(&web->lock, NULL);
    if (pthread_create(&web->thread, NULL, serve, web))
        abort();
    return web;
}

void web_stop(struct web *web)
{
    shutdown(web->listener, SHUT_RDWR);
    pthread_join(web->thread, NULL);
    close(web->listener);
    for (size_t i = 0; i < web->count; i++)
        buffer_clear(&web->pages[i].answer);
    pthread_mutex_destroy(&web->lock);
    free(web);
}

unsigned web_port(const struct web *web)
{
    return web->port;
}

void web_put(struct web *web, const char *path, const char *status, const char *headers,
             const char *body)
{
    char head[512];
    pthread_mutex_lock(&web->lock);
    struct page *page = find(web, path);
    buffer_clear(&page->answer);
    snprintf(head, sizeof(head), "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %zu\r\n%s\r\n",
             status, strlen(body), headers);
    buffer_add_str(&page->answer, str_from(head));
    buffer_add_str(&page->answer, str_from(body));
    pthread_mutex_unlock(&web->lock);
}

unsigned web_asked(struct web *web, const char *path)
{
    pthread_mutex_lock(&web->lock);
    unsigned asked = find(web, path)->asked;
    pthread_mutex_unlock(&web->lock);
    return asked;
}
