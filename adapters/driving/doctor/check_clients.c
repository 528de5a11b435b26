#include "adapters/driving/doctor/installation.h"

static void judge(struct inspection *x, const struct doctor_client *client)
{
    if (client->why)
        note(x, DOCTOR_WARNING, "%s: %s", client->title, client->why);
    else if (!client->runs)
        note(x, DOCTOR_WARNING, "%s: %s starts %s, which cannot be run", client->title, client->file,
             client->command);
}

void check_clients(void *examination)
{
    struct inspection *x = examination;
    if (!x->what->client_count)
        leave_out(x, "no client that hexmcp knows starts it; \"hexmcp client add NAME\" lets one");
    for (size_t i = 0; i < x->what->client_count; i++)
        judge(x, &x->what->clients[i]);
}
