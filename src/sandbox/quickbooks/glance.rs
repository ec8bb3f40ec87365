//! A glance at the books for whoever looks at them from outside: counts and the
//! newest objects, without going through all of them.

use serde_json::Value;

use super::company::Company;
use super::json::decimal;
use super::references;

impl Company {
    /// How many living objects an entity has, inactive ones included.
    pub fn count(&self, entity: &str) -> usize {
        self.lock().books.shelf(entity).len()
    }

    /// The objects of an entity that changed last, the newest first.
    pub fn newest(&self, entity: &str, most: usize) -> Vec<Value> {
        let state = self.lock();
        let rows = state.books.shelf(entity).newest_first().take(most);
        rows.map(|(_, kept)| references::render(&state.books, &kept.object)).collect()
    }

    /// Customers whose balance is not zero, by id.
    pub fn owing(&self, most: usize) -> Vec<Value> {
        let state = self.lock();
        let rows = state.books.shelf("Customer").by_id();
        let owing = rows.filter(|(_, kept)| !decimal(&kept.object, "Balance").is_zero()).take(most);
        owing.map(|(_, kept)| references::render(&state.books, &kept.object)).collect()
    }
}
