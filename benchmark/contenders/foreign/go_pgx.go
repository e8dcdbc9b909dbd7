// The Go handler: net/http and pgx, one INSERT a request over a pool of 20 connections.
package main

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/jackc/pgx/v4/pgxpool"
)

const connections = 20

// A larger notification is refused, as by the product.
const bodyLimitBytes = 256 << 10

const insert = `INSERT INTO notification_once
    (event_id, source, type, time, phone_number, subscription_id, payload)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (source, event_id) DO NOTHING`

var authorization = []byte("Bearer my-token")

type notification struct {
	ID     string     `json:"id"`
	Source string     `json:"source"`
	Type   string     `json:"type"`
	Time   *time.Time `json:"time"`
	Data   *struct {
		Device struct {
			PhoneNumber *string `json:"phoneNumber"`
		} `json:"device"`
		SubscriptionID *string `json:"subscriptionId"`
	} `json:"data"`
}

func (n *notification) isComplete() bool {
	return n.ID != "" && n.Source != "" && n.Type != "" && n.Time != nil && n.Data != nil
}

func receive(pool *pgxpool.Pool) http.HandlerFunc {
	return func(answer http.ResponseWriter, request *http.Request) {
		sent := []byte(request.Header.Get("Authorization"))
		if subtle.ConstantTimeCompare(sent, authorization) != 1 {
			answer.WriteHeader(http.StatusUnauthorized)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(answer, request.Body, bodyLimitBytes))
		if err != nil {
			answer.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		var event notification
		if json.Unmarshal(body, &event) != nil || !event.isComplete() {
			answer.WriteHeader(http.StatusBadRequest)
			return
		}
		_, err = pool.Exec(request.Context(), insert, event.ID, event.Source, event.Type,
			*event.Time, event.Data.Device.PhoneNumber, event.Data.SubscriptionID, string(body))
		if err != nil {
			answer.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		answer.WriteHeader(http.StatusNoContent)
	}
}

func main() {
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	config.MaxConns = connections
	pool, err := pgxpool.ConnectConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/notifications", receive(pool))
	log.Fatal(http.ListenAndServe(os.Args[1], nil))
}
