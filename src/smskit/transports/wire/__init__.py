"""What all providers share: reading answers, their codes, webhooks and signatures. Nothing here touches a socket."""
