"""The door for admins: refused notifications, and another look at them."""
