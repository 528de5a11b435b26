/*
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <unistd.h>

#include "job.h"
#include "kit/reach.h"
#include "kit/secret.h"

int32_t job_reach(const struct job *job, int *fd, char address[ADDRESS_ROOM])
{
    const hexmcp_net_1 *net = hexmcp_round_service(job->r, HEXMCP_NET_1);
    const struct database *db = job->db;
    struct reached to;
    if (!net)
        return hexmcp_fail(job->r->err, HEXMCP_E_DENIED,
                           "no host was granted to this tool; the operator grants the database with "
                           "--allow-host %.200s:%u",
                           db->host, db->port);
    int32_t status =
        reach(net, job->r->call, db->host, db->port, (uint32_t)job_left_ms(job), &to);
    if (status != HEXMCP_OK)
        return hexmcp_fail(job->r->err, status, "the database %.100s: %.300s", db->name,
                           to.message[0] ? to.message : "it cannot be reached");
    *fd = to.fd;
    memcpy(address, to.address, sizeof(to.address));
    return HEXMCP_OK;
}

int32_t job_password(const struct job *job, char password[PASSWORD_ROOM])
{
    password[0] = '\0';
    if (!job->db->secret[0])
        return HEXMCP_OK;
    return secret_reveal(job->r, job->db->secret, password, PASSWORD_ROOM);
}

void job_forget(char password[PASSWORD_ROOM])
{
    secret_forget(password, PASSWORD_ROOM);
}
