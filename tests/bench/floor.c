/*
 * The floor of the figures: the least C program that does the same. It links libuv and cJSON, as
 * hexmcp does.
 *
 *   floor exit       starts and ends
 *   floor pingpong   reads a line, parses and prints it with cJSON, writes it: one system call each
 *   floor batch      reads what is there and answers every line in it with one write
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

static char in[1 << 20];
static char out[1 << 21];

static size_t echo(const char *line, size_t len, char *to)
{
    cJSON *tree = cJSON_ParseWithLength(line, len);
    char *text = cJSON_PrintUnformatted(tree);
    size_t size = text ? strlen(text) : 0;
    memcpy(to, text, size);
    to[size] = '\n';
    free(text);
    cJSON_Delete(tree);
    return size + 1;
}

/* {"jsonrpc":"2.0","id":...,"result":{"content":[{"type":"text","text":"..."}]}} */
static size_t answer(const char *line, size_t len, char *to)
{
    cJSON *request = cJSON_ParseWithLength(line, len);
    cJSON *reply = cJSON_CreateObject();
    cJSON_AddStringToObject(reply, "jsonrpc", "2.0");
    cJSON_AddItemToObject(reply, "id", cJSON_DetachItemFromObjectCaseSensitive(request, "id"));
    cJSON *result = cJSON_AddObjectToObject(reply, "result");
    cJSON *content = cJSON_AddArrayToObject(result, "content");
    cJSON *block = cJSON_CreateObject();
    cJSON_AddStringToObject(block, "type", "text");
    cJSON_AddStringToObject(block, "text", "HELLO, WORLD");
    cJSON_AddItemToArray(content, block);
    cJSON_PrintPreallocated(reply, to, 4096, 0);
    size_t size = strlen(to);
    to[size] = '\n';
    cJSON_Delete(request);
    cJSON_Delete(reply);
    return size + 1;
}

static void serve(size_t (*reply)(const char *, size_t, char *))
{
    size_t have = 0;
    ssize_t got;
    while ((got = read(0, in + have, sizeof(in) - have)) > 0) {
        have += (size_t)got;
        size_t used = 0, size = 0;
        char *end;
        while ((end = memchr(in + used, '\n', have - used))) {
            size += reply(in + used, (size_t)(end - in) - used, out + size);
            used = (size_t)(end - in) + 1;
        }
        memmove(in, in + used, have - used);
        have -= used;
        if (size && write(1, out, size) < 0)
            return;
    }
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "exit";
    if (uv_version() == 0 || !cJSON_Version())
        return 1;
    if (strcmp(mode, "pingpong") == 0)
        serve(echo);
    else if (strcmp(mode, "batch") == 0)
        serve(answer);
    else if (strcmp(mode, "exit") != 0)
        return 2;
    return 0;
}
