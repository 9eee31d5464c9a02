"""A card gateway that speaks like Stripe: PaymentIntents, refunds, balance transactions, payouts, signed webhooks."""
